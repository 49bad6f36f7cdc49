/** Deliveries of webhooks: what became of each, the log of its attempts, and once more. */
import { get, post } from "../api.js";
import { moment, number, seconds } from "../format.js";
import { html, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { link } from "../router.js";
import { Problem } from "../ui/problem.js";
import { Badge } from "../ui/status.js";
import { Table } from "../ui/table.js";
import { When } from "../ui/when.js";
import { useAction } from "./action.js";
import { Pages } from "./pages.js";

const EVERY_MS = 5000;
const LOOKS = { pending: ["wait", "clock", "Waits"], delivered: ["good", "check", "Delivered"], dead: ["bad", "alert", "Dead"] };

function State({ one }) {
  const [look, icon, word] = one.sending ? ["run", "retry", "Being sent"] : LOOKS[one.state];
  return html`<${Badge} look=${look} icon=${icon}>${word}<//>`;
}

function About({ one, withUrl }) {
  const [kind, id] = [["jobs", one.job_id], ["batches", one.batch_id], ["pipelines", one.pipeline_id]].find(([, value]) => value);
  return html`
    <span class="stack tight">
      <a href=${link(`/${kind}/${id}`)}><strong>${one.event}</strong></a>
      ${withUrl && html`<span class="hint wrap">${one.url}</span>`}
    </span>
  `;
}

/** What came of one attempt: "500 after 1.2 s: The receiver answered …". */
function Attempts({ one }) {
  if (!one.log.length) return one.attempts ? number(one.attempts) : "not sent yet";
  return html`
    <details class="attempts">
      <summary>${one.attempts === 1 ? "1 attempt" : `${one.attempts} attempts`}${one.last_error && `: ${one.last_error.message}`}</summary>
      <ol>
        ${one.log.map(
          (each) => html`
            <li key=${each.number}>
              <span class="hint">${moment(each.at)}</span> ${each.status_code ?? "no answer"} after ${seconds(each.duration_s)}${each.error && `: ${each.error.message}`}
            </li>
          `,
        )}
      </ol>
    </details>
  `;
}

function Again({ one, onDone }) {
  const [busy, act] = useAction();
  if (one.sending) return null;
  const press = async () => (await act(() => post(one.links.redeliver), "It is delivered again.")) && onDone();
  return html`<button class="small" disabled=${busy} onClick=${press} aria-label=${`Deliver again: ${one.event} ${one.id}`}>Deliver again</button>`;
}

/** `path` lists them; `state` is one of pending, delivered, dead or nothing: all; `withUrl`: of several webhooks. */
export function Deliveries({ path, state, withUrl = false }) {
  const [cursor, setCursor] = useState(null);
  const { data, error, reload } = useLoaded((signal) => get(path, { query: { state, cursor, limit: 25 }, signal }), [path, state, cursor],
    { every_ms: EVERY_MS });
  const columns = [
    { key: "about", label: "Event", class: "wide", cell: (one) => html`<${About} one=${one} withUrl=${withUrl} />` },
    { key: "state", label: "State", cell: (one) => html`<${State} one=${one} />` },
    { key: "attempts", label: "Attempts", class: "wide", cell: (one) => html`<${Attempts} one=${one} />` },
    { key: "when", label: "Made", cell: (one) => html`<${When} at=${one.created_at} />` },
    { key: "next", label: "Next try", cell: (one) => html`<${When} at=${one.next_at} />` },
    { key: "again", label: "Deliver again", quiet: true, class: "right", cell: (one) => html`<${Again} one=${one} onDone=${reload} />` },
  ];
  return html`
    ${error && html`<${Problem} error=${error} />`}
    ${data && html`<${Table} columns=${columns} rows=${data.deliveries} caption="Deliveries" empty="There is none." />`}
    <${Pages} cursor=${cursor} next=${data?.next_cursor} go=${setCursor} />
  `;
}
