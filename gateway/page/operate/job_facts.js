/** What an operator wants to know of a job beside what its owner sees: tries, losses, its worker, times, what it hangs on. */
import { get } from "../api.js";
import { moment, seconds, words } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { link } from "../router.js";
import { may } from "../session.js";

/** Nothing for callers that are no operators. */
export function JobFacts({ job }) {
  return may("admin") ? html`<${Facts} job=${job} />` : null;
}

function Facts({ job }) {
  return html`
    <details class="more operators-facts" open=${job.status !== "completed"}>
      <summary>For operators</summary>
      <dl class="facts">
        <dt>Queue</dt><dd><a href=${link(`/operate/queues/${encodeURIComponent(job.queue)}`)}>${job.queue}</a>, priority ${job.priority}</dd>
        ${job.owner && html`<dt>Owner</dt><dd>${job.owner}</dd>`}
        <dt>Tries</dt><dd>${tries(job)}</dd>
        ${job.attempt > 0 && html`<dt>Worker</dt><dd><${Worker} job=${job} /></dd>`}
        <dt>Waited to start</dt><dd>${seconds(job.queue_seconds)}</dd>
        <dt>Ran</dt><dd>${job.run_seconds == null ? "–" : `${seconds(job.run_seconds)}${job.attempt > 1 ? " in its latest try" : ""}`}</dd>
        ${job.status === "pending" && Date.parse(job.run_at) > Date.now() && html`<dt>Ready</dt><dd>${moment(job.run_at)}</dd>`}
        <${Belongs} job=${job} />
      </dl>
    </details>
  `;
}

/** "3: 1 failed, 1 lost with its worker, 1 stopped with its worker". */
function tries({ attempt, failures, crashes, interruptions }) {
  const apart = [
    failures && `${failures} failed`,
    crashes && `${crashes} lost with its worker`,
    interruptions && `${interruptions} handed back by a worker that stopped`,
  ].filter(Boolean);
  return apart.length ? `${attempt}: ${apart.join(", ")}` : String(attempt);
}

/** The worker that has it, or had it last; by its host, where it is still known. */
async function workerOf(job, signal) {
  const [{ workers }, { journal }] = await Promise.all([get("/v1/workers", { signal }), get(job.links.journal, { signal })]);
  const id = job.worker ?? journal.findLast((line) => line.event === "claimed")?.actor;
  return { id, known: workers.find((one) => one.worker_id === id) };
}

function Worker({ job }) {
  const { data } = useLoaded((signal) => workerOf(job, signal), [job.id, job.worker, job.attempt]);
  if (!data) return job.worker ? html`<code>${job.worker}</code>` : "–";
  const { id, known } = data;
  if (!known) return html`<code>${id ?? "–"}</code>, which is gone`;
  return html`<strong class="wrap">${known.host}</strong>, process ${known.pid}, version ${known.version}${!known.live && ", silent now"} <code>${id}</code>`;
}

/** What it is a part of, and its parts. */
function Belongs({ job }) {
  return html`
    ${job.batch_id && html`<dt>Batch</dt><dd><a href=${link(`/batches/${job.batch_id}`)}>${job.batch_id}</a></dd>`}
    ${job.pipeline_id && html`<dt>Pipeline</dt><dd><a href=${link(`/pipelines/${job.pipeline_id}`)}>${job.pipeline_id}</a>, step ${job.pipeline_step}</dd>`}
    ${job.step_of && html`<dt>Step of</dt><dd><a href=${link(`/jobs/${job.step_of}`)}>${job.step_of}</a></dd>`}
    ${job.steps.length > 0 &&
    html`
      <dt>Steps</dt>
      <dd>
        <ol>
          ${job.steps.map((step) => html`<li key=${step.id}><a href=${link(`/jobs/${step.id}`)}>${words(step.operation)}</a>, ${step.status}, tries ${step.attempt}</li>`)}
        </ol>
      </dd>
    `}
  `;
}
