/** Jobs that were sent together: each file's progress, the whole's, one archive of all results. */
import { post } from "../api.js";
import { bytes, percent, words } from "../format.js";
import { countsInWords, useGroup } from "../group.js";
import { html, useEffect } from "../html.js";
import { link } from "../router.js";
import { Icon } from "../ui/icon.js";
import { Problem } from "../ui/problem.js";
import { Progress } from "../ui/progress.js";
import { Status } from "../ui/status.js";
import { announce, toast } from "../ui/toast.js";
import { JobTable } from "./job_list.js";
import { ENDED } from "./job.js";

/** What each job made, and for compression how much it saved. */
const MADE = {
  key: "made", label: "Result", class: "right",
  cell: (job) => {
    if (job.status !== "completed" || !job.outputs.length) return "–";
    const size = job.outputs.reduce((sum, one) => sum + one.bytes, 0);
    const saved = job.operation === "compress" && job.result?.saved_percent > 0 && `, ${percent(job.result.saved_percent)} smaller`;
    const href = job.links.result;
    return href ? html`<a href=${href} download>${bytes(size)}</a>${saved}` : bytes(size);
  },
};

export default function Batch({ params }) {
  const { record: batch, error, setRecord } = useGroup(`/v1/batches/${encodeURIComponent(params.id)}`, "batch");
  const said = batch && countsInWords(batch.counts);
  useEffect(() => void (said && announce(`${said}.`)), [said]);
  if (error) return html`<${Problem} error=${error} />`;
  if (!batch) return null;
  const ended = ENDED.includes(batch.status);
  async function cancel() {
    try {
      setRecord(await post(`${batch.links.self}/cancel`));
      toast("What has not ended is being cancelled.");
    } catch (failure) {
      toast(`${failure.message} ${failure.remedy}`, "bad");
    }
  }
  return html`
    <div class="stack loose">
      <header class="head">
        <div class="stack tight">
          <a class="back" href=${link("/jobs")}><${Icon} name="back" />All jobs</a>
          <h1>${words(batch.operation)}<span class="of"> ${batch.jobs.length} files</span></h1>
          <p class="row hint"><${Status} status=${batch.status} /><span>${said}</span></p>
        </div>
        <div class="row">
          ${!ended && html`<button onClick=${cancel}>Cancel all</button>`}
          ${ended && batch.counts.completed > 0 && html`<a class="button primary" href=${`${batch.links.self}/result`} download><${Icon} name="download" />Download all as ZIP</a>`}
        </div>
      </header>
      ${!ended && html`<section class="card"><${Progress} percent=${batch.progress.percent} label="The whole batch" text=${`${batch.progress.percent} % · ${said}`} /></section>`}
      <${JobTable} jobs=${batch.jobs} caption="The files of the batch" more=${[MADE]} without=${["with"]} />
    </div>
  `;
}
