/** How operators see a job in a list. */
import { seconds, words } from "../format.js";
import { html } from "../html.js";
import { link } from "../router.js";
import { Progress } from "../ui/progress.js";
import { Badge, Status } from "../ui/status.js";
import { When } from "../ui/when.js";
import { subject } from "../views/job_list.js";

function Name({ job }) {
  const why = job.waiting?.message ?? job.error?.message;
  return html`
    <span class="stack tight">
      <a class="wrap" href=${link(`/jobs/${job.id}`)}><strong>${words(job.operation)}</strong>${subject(job) && ` ${subject(job)}`}</a>
      ${why && html`<span class="hint why" data-code=${job.waiting?.code}>${why}</span>`}
    </span>
  `;
}

function State({ job }) {
  if (job.gone) return html`<${Badge} icon="cross">Erased<//>`;
  return html`
    <span class="stack tight">
      <${Status} status=${job.status} />
      ${job.status === "processing" && html`<${Progress} percent=${job.progress.total ? job.progress.percent : null} label="Progress" />`}
    </span>
  `;
}

/** "3, 1 lost" */
function tries({ attempt, failures, crashes, interruptions }) {
  const apart = [failures && `${failures} failed`, crashes && `${crashes} lost`, interruptions && `${interruptions} stopped`];
  return [attempt, ...apart.filter(Boolean)].join(", ");
}

function Times({ job }) {
  const ran = job.run_seconds == null ? "" : `, ran ${seconds(job.run_seconds)}`;
  return html`
    <span class="times">
      <${When} at=${job.created_at} />
      <span class="hint numbers">waited ${seconds(job.queue_seconds)}${ran}</span>
    </span>
  `;
}

/** `withOwner`: whether jobs of several owners are here. */
export function jobColumns({ withOwner }) {
  return [
    { key: "job", label: "Job", class: "wide broad", cell: (job) => html`<${Name} job=${job} />` },
    { key: "status", label: "State", cell: (job) => html`<${State} job=${job} />` },
    { key: "queue", label: "Queue", cell: (job) => html`<a href=${link(`/operate/queues/${encodeURIComponent(job.queue)}`)}>${job.queue}</a>` },
    ...(withOwner ? [{ key: "owner", label: "Owner", cell: (job) => html`<span class="wrap">${job.owner}</span>` }] : []),
    { key: "tries", label: "Tries", cell: tries },
    { key: "created", label: "Created", cell: (job) => html`<${Times} job=${job} />` },
  ];
}
