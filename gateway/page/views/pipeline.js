/** One pipeline: how far each step is, and the result of the last one. */
import { post } from "../api.js";
import { words } from "../format.js";
import { countsInWords, useGroup } from "../group.js";
import { html, useEffect, useState } from "../html.js";
import { link } from "../router.js";
import { Icon } from "../ui/icon.js";
import { Problem } from "../ui/problem.js";
import { Progress } from "../ui/progress.js";
import { Status, statusWord } from "../ui/status.js";
import { announce, toast } from "../ui/toast.js";
import { ENDED } from "./job.js";
import { subject } from "./job_list.js";

export default function Pipeline({ params }) {
  const { record: pipeline, error, setRecord } = useGroup(`/v1/pipelines/${encodeURIComponent(params.id)}`, "pipeline");
  const [busy, setBusy] = useState(false);
  const status = pipeline?.status;
  useEffect(() => void (status && announce(`Pipeline: ${statusWord(status)}.`)), [status]);
  if (error) return html`<${Problem} error=${error} />`;
  if (!pipeline) return null;
  const ended = ENDED.includes(status);

  async function act(verb, said) {
    setBusy(true);
    try {
      setRecord(await post(`${pipeline.links.self}/${verb}`));
      toast(said);
    } catch (failure) {
      toast(`${failure.message} ${failure.remedy}`, "bad");
    } finally {
      setBusy(false);
    }
  }
  return html`
    <div class="stack loose">
      <header class="head">
        <div class="stack tight">
          <a class="back" href=${link("/pipelines")}><${Icon} name="back" />New pipeline</a>
          <h1>${pipeline.steps.map((step) => words(step.operation)).join(", then ")}</h1>
          <p class="row hint"><${Status} status=${status} /></p>
        </div>
        <div class="row">
          ${!ended && html`<button disabled=${busy} onClick=${() => act("cancel", "It is being cancelled.")}>Cancel</button>`}
          ${["failed", "cancelled"].includes(status) && html`<button class="primary" disabled=${busy} onClick=${() => act("retry", "It goes on where it ended.")}><${Icon} name="retry" />Go on</button>`}
          ${status === "completed" && html`<a class="button primary" href=${`${pipeline.links.self}/result`} download><${Icon} name="download" />Download</a>`}
        </div>
      </header>
      ${!ended && html`<section class="card"><${Progress} percent=${pipeline.progress.percent} label="The whole pipeline" text=${pipeline.progress.message || `${pipeline.progress.percent} %`} /></section>`}
      <ol class="steps" aria-label="Steps">
        ${pipeline.steps.map((step, index) => html`<${Step} key=${index} step=${step} number=${index + 1} />`)}
      </ol>
    </div>
  `;
}

function Step({ step, number }) {
  const failure = step.jobs.find((job) => job.error)?.error;
  const waiting = step.jobs.find((job) => job.waiting)?.waiting;
  return html`
    <li>
      <span class="step-number">${number}</span>
      <div class="grow stack tight">
        <div class="row between"><h2>${words(step.operation)}</h2><${Status} status=${step.status} /></div>
        ${step.status === "processing" && html`<${Progress} percent=${step.progress.percent} label=${`Step ${number}`} text=${step.progress.message} />`}
        ${step.jobs.length > 1 && html`<p class="hint">${countsInWords(step.counts)}</p>`}
        ${waiting && html`<p class="hint">${waiting.message}</p>`}
        ${failure && html`<${Problem} error=${failure} live=${false} />`}
        <ul class="stack tight">
          ${step.jobs.map((job) => html`<li key=${job.id}><a class="wrap" href=${link(`/jobs/${job.id}`)}>${subject(job) || "This step"}</a> ${step.jobs.length > 1 && html`<${Status} status=${job.status} />`}</li>`)}
        </ul>
      </div>
    </li>
  `;
}
