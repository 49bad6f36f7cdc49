/** One job: how far it is, why it waits, what came of it, what can be done next. */
import { del, get, post } from "../api.js";
import { follow } from "../events.js";
import { ago, seconds, words } from "../format.js";
import { html, useEffect, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { JobFacts } from "../operate/job_facts.js";
import { inputOf } from "../preview.js";
import { Files, Result } from "../results/result.js";
import { go, link } from "../router.js";
import { Dialog } from "../ui/dialog.js";
import { Icon } from "../ui/icon.js";
import { Problem } from "../ui/problem.js";
import { Progress } from "../ui/progress.js";
import { Status, statusWord } from "../ui/status.js";
import { announce, toast } from "../ui/toast.js";
import { Details, Timeline } from "./job/details.js";
import { NextSteps } from "./job/next_steps.js";
import { Steps } from "./job/steps.js";

export const ENDED = ["completed", "failed", "cancelled"];
/** How often progress is said aloud, in percent. */
const SAID_EVERY_PERCENT = 25;

/** The record of a job, kept up to date while it has not ended: `{job, error, reload}`. */
function useJob(id) {
  const { data, error, reload } = useLoaded((signal) => get(`/v1/jobs/${encodeURIComponent(id)}`, { signal }), [id]);
  const [newer, setNewer] = useState(null);
  const job = newer?.id === data?.id && newer ? newer : data;
  const ended = job && ENDED.includes(job.status);
  const again = job && `${job.id} ${ended}`;
  useEffect(() => {
    if (!job || ended) return undefined;
    return follow(`/v1/jobs/${job.id}/events`, ["status", "step", "progress"], {
      onEvent: (name, told) => {
        if (name === "progress") setNewer((before) => ({ ...(before ?? job), progress: told }));
      },
      look: async () => {
        try {
          const now = await get(`/v1/jobs/${job.id}`);
          setNewer(now);
          return ENDED.includes(now.status);
        } catch (failure) {
          if (failure.status === 404) reload();
          return failure.status === 404;
        }
      },
    });
  }, [again]);
  return { job, error, setJob: setNewer };
}

export default function JobView({ params }) {
  const { job, error, setJob } = useJob(params.id);
  const status = job?.status;
  const said = job && Math.floor(job.progress.percent / SAID_EVERY_PERCENT);
  useEffect(() => void (job && announce(`${words(job.operation)}: ${statusWord(job.status)}.`)), [status]);
  useEffect(() => void (status === "processing" && said && announce(`${said * SAID_EVERY_PERCENT} percent.`)), [said]);
  if (error) return html`<${Problem} error=${error} />`;
  if (!job) return null;
  document.title = `${words(job.operation)}: ${statusWord(job.status)} · Bindery`;
  const name = job.inputs.length === 1 ? job.inputs[0].name : job.inputs.length ? `${job.inputs.length} files` : "";
  return html`
    <div class="stack loose">
      <header class="head">
        <div class="stack tight">
          <a class="back" href=${link(job.batch_id ? `/batches/${job.batch_id}` : "/jobs")}>
            <${Icon} name="back" />${job.batch_id ? "The batch" : "All jobs"}
          </a>
          <h1>${words(job.operation)}${name && html`<span class="of"> ${name}</span>`}</h1>
          <p class="row hint">
            <${Status} status=${job.status} />
            <span title=${job.created_at}>${ago(job.completed_at ?? job.created_at)}</span>
            ${job.run_seconds != null && ENDED.includes(job.status) && html`<span>took ${seconds(job.run_seconds)}</span>`}
            ${job.cached && html`<span>known from an earlier job</span>`}
          </p>
        </div>
        <${Actions} job=${job} onChange=${setJob} />
      </header>
      <${Now} job=${job} />
      ${job.steps.length > 0 && !["completed"].includes(job.status) && html`<${Steps} steps=${job.steps} />`}
      ${job.status === "completed" &&
      html`
        <${Files} job=${job} />
        <${Result} key=${job.completed_at} job=${job} />
        <${NextSteps} job=${job} />
      `}
      <div class="stack tight"><${JobFacts} job=${job} /><${Timeline} job=${job} /><${Details} job=${job} /></div>
    </div>
  `;
}

/** While it has not ended: how far it is and why; when it failed: what is wrong. */
function Now({ job }) {
  if (job.status === "failed") {
    const inputs = job.inputs.map((one, index) => [["job", inputOf(job, index)], ["name", one.name]]).flat();
    return html`
      <${Problem} error=${job.error} title=${job.error.step ? `The step “${words(job.error.step)}” failed` : "This job failed"}>
        ${job.inputs.every((one) => one.url) && inputs.length > 0 && html`<a class="button" href=${link(`/do/${job.operation}?${new URLSearchParams(inputs)}`)}>Send it again, with other options</a>`}
      <//>
    `;
  }
  if (job.status === "cancelled") return html`<p class="lead">It was cancelled. Nothing was made.</p>`;
  if (ENDED.includes(job.status)) return null;
  const { percent, message } = job.progress;
  const running = job.status === "processing";
  return html`
    <section class="card stack" aria-label="Progress">
      <${Progress}
        percent=${running ? (job.progress.total ? percent : null) : 0} label="Progress"
        text=${running ? [job.progress.total ? `${percent} %` : "", message].filter(Boolean).join(" · ") || "Working" : "Waiting"}
      />
      ${job.waiting && html`<p class="waiting" data-code=${job.waiting.code}>${job.waiting.message}</p>`}
      ${job.last_error && html`<${Problem} live=${false} title="The try before this one" error=${job.last_error} />`}
    </section>
  `;
}

function Actions({ job, onChange }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  async function act(call, said) {
    setBusy(true);
    try {
      const answer = await call();
      if (answer) onChange(answer);
      toast(said);
    } catch (error) {
      toast(`${error.message} ${error.remedy}`, "bad");
    } finally {
      setBusy(false);
    }
  }
  async function erase() {
    setAsking(false);
    await act(async () => {
      await del(job.links.self);
      go("/jobs");
    }, "The job and its documents are erased.");
  }
  return html`
    <div class="row">
      ${job.links.cancel && html`<button disabled=${busy} onClick=${() => act(() => post(job.links.cancel), "It is being cancelled.")}>Cancel</button>`}
      ${job.links.retry && html`<button class="primary" disabled=${busy} onClick=${() => act(() => post(job.links.retry), "It is tried again.")}><${Icon} name="retry" />Try again</button>`}
      ${ENDED.includes(job.status) && !job.step_of && !job.pipeline_id && html`<button class="quiet" disabled=${busy} onClick=${() => setAsking(true)}>Erase …</button>`}
      <${Dialog}
        open=${asking} title="Erase this job?" onClose=${() => setAsking(false)}
        actions=${html`<button class="danger" onClick=${erase}>Erase it</button>`}
      >
        <p>Its documents and results are deleted from the server now. This cannot be undone.</p>
      <//>
    </div>
  `;
}
