/** A list of jobs with filters: the person's own view and the operator's are made of it. */
import { ago, words } from "../format.js";
import { html } from "../html.js";
import { link } from "../router.js";
import { Progress } from "../ui/progress.js";
import { Status } from "../ui/status.js";
import { Table } from "../ui/table.js";

/** What a job is about: the name of its file, or how many it has. */
export function subject(job) {
  if (job.inputs.length === 1) return job.inputs[0].name;
  return job.inputs.length ? `${job.inputs[0].name} and ${job.inputs.length - 1} more` : "";
}

const COLUMNS = [
  {
    key: "job", label: "Job", quiet: true,
    cell: (job) => html`
      <span class="stack tight">
        <a class="wrap" href=${link(`/jobs/${job.id}`)}><strong>${words(job.operation)}</strong>${subject(job) && ` ${subject(job)}`}</a>
        ${job.waiting && html`<span class="hint">${job.waiting.message}</span>`}
        ${job.error && html`<span class="hint">${job.error.message}</span>`}
      </span>
    `,
  },
  {
    key: "status", label: "State",
    cell: (job) => html`
      <span class="stack tight">
        <${Status} status=${job.status} />
        ${job.status === "processing" && html`<${Progress} percent=${job.progress.total ? job.progress.percent : null} label="Progress" />`}
      </span>
    `,
  },
  {
    key: "with", label: "Belongs to",
    cell: (job) =>
      job.batch_id ? html`<a href=${link(`/batches/${job.batch_id}`)}>Batch</a>` : job.pipeline_id ? html`<a href=${link(`/pipelines/${job.pipeline_id}`)}>Pipeline</a>` : null,
  },
  { key: "when", label: "Created", class: "right", cell: (job) => html`<span class="numbers" title=${job.created_at}>${ago(job.created_at)}</span>` },
];

/** `more` are further columns, put before the last one; `without` names columns that say nothing here. */
export function JobTable({ jobs, caption = "Jobs", more = [], without = [], empty }) {
  const columns = [...COLUMNS.slice(0, -1), ...more, COLUMNS.at(-1)].filter((one) => !without.includes(one.key));
  return html`<${Table} columns=${columns} rows=${jobs} caption=${caption} empty=${empty} />`;
}
