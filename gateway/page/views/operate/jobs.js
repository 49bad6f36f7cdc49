/** All jobs, for operators: filters, reasons, retry and cancel of one, of some, of all that match. */
import { post } from "../../api.js";
import { html, useEffect, useState } from "../../html.js";
import { useAction } from "../../operate/action.js";
import { Frame } from "../../operate/frame.js";
import { jobColumns } from "../../operate/job_columns.js";
import { filtersOf, JobFilters, show } from "../../operate/job_filters.js";
import { ManyJobs, mayBe } from "../../operate/many_jobs.js";
import { Pages } from "../../operate/pages.js";
import { useSteadyJobs } from "../../operate/steady_jobs.js";
import { Icon } from "../../ui/icon.js";
import { Table } from "../../ui/table.js";
import { toast } from "../../ui/toast.js";

const VERBS = { retry: "Try again", cancel: "Cancel" };

/** Do something with each of some jobs, one after the other, and say how many could not. */
async function each(chosen, wish, put) {
  const failures = [];
  for (const job of chosen) {
    try {
      put(await post(job.links[wish]));
    } catch (error) {
      failures.push(error);
    }
  }
  const done = chosen.length - failures.length;
  if (done) toast(`${done} ${done === 1 ? "job is" : "jobs are"} ${wish === "retry" ? "tried again" : "being cancelled"}.`, "good");
  if (failures.length) toast(`${failures.length} could not: ${failures[0].message}`, "bad");
}

function RowActions({ job, put }) {
  const [busy, act] = useAction();
  const wish = ["retry", "cancel"].find((one) => job.links[one]);
  if (!wish || job.gone) return null;
  const press = () => act(async () => put(await post(job.links[wish])), wish === "retry" ? "It is tried again." : "It is being cancelled.");
  return html`<button class="small" disabled=${busy} onClick=${press} aria-label=${`${VERBS[wish]}: ${job.operation} ${job.id}`}>${VERBS[wish]}</button>`;
}

function Selection({ chosen, put, onDone }) {
  const [busy, setBusy] = useState(false);
  if (!chosen.length) return null;
  async function press(wish, jobs) {
    setBusy(true);
    await each(jobs, wish, put);
    setBusy(false);
    onDone();
  }
  return html`
    <div class="selection row" role="group" aria-label="Selected jobs">
      <strong>${chosen.length} selected</strong>
      ${["retry", "cancel"].map((wish) => {
        const able = chosen.filter((job) => job.links[wish] && !job.gone);
        return html`
          <button key=${wish} class="small" disabled=${busy || !able.length} onClick=${() => press(wish, able)}>
            ${VERBS[wish]}${able.length ? ` ${able.length}` : ""}
          </button>
        `;
      })}
      <button class="quiet small" onClick=${onDone}>Select none</button>
    </div>
  `;
}

function Tick({ job, selected, onChange }) {
  return html`
    <input type="checkbox" checked=${selected} aria-label=${`Select ${job.operation} ${job.id}`} onChange=${onChange} />
  `;
}

export default function OperatorsJobs({ query }) {
  const filters = filtersOf(query);
  const cursor = query.get("cursor");
  const { rows, newer, next, error, reload, put } = useSteadyJobs(filters, cursor);
  const [ids, setIds] = useState(new Set());
  const [wish, setWish] = useState(null);
  const key = JSON.stringify([filters, cursor]);
  useEffect(() => setIds(new Set()), [key]);

  function turn(id) {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  }
  const columns = [
    { key: "tick", label: "Select", quiet: true, cell: (job) => html`<${Tick} job=${job} selected=${ids.has(job.id)}
      onChange=${() => turn(job.id)} />` },
    ...jobColumns({ withOwner: new Set((rows ?? []).map((job) => job.owner)).size > 1 }),
    { key: "act", label: "Actions", quiet: true, class: "right", cell: (job) => html`<${RowActions} job=${job} put=${put} />` },
  ];
  const actions = html`
    ${mayBe("retry", filters) && html`<button class="small" onClick=${() => setWish("retry")}>
      <${Icon} name="retry" />Try all again …</button>`}
    ${mayBe("cancel", filters) && html`<button class="small danger" onClick=${() => setWish("cancel")}>
      <${Icon} name="cross" />Cancel all …</button>`}
  `;
  return html`
    <${Frame} title="Jobs" lead="Jobs of everybody. The list stays in place while it is kept up to date." error=${error} actions=${actions}>
      <${JobFilters} filters=${filters} />
      <div class="stack">
        <div role="status">
          ${newer > 0 && html`<button class="small newer" onClick=${reload}>
            <${Icon} name="up" />Show ${newer} newer ${newer === 1 ? "job" : "jobs"}</button>`}
        </div>
        <${Selection} chosen=${(rows ?? []).filter((job) => ids.has(job.id))} put=${put} onDone=${() => setIds(new Set())} />
        ${rows && html`<${Table} columns=${columns} rows=${rows} caption="Jobs" empty="No job matches." />`}
        <${Pages} cursor=${cursor} next=${next} go=${(to) => show(filters, to)} />
      </div>
      <${ManyJobs} wish=${wish} filters=${filters} onClose=${() => setWish(null)} onDone=${reload} />
    <//>
  `;
}
