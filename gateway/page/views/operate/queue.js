/** One queue: its figures, its charts, its consumers, what failed. */
import { get } from "../../api.js";
import { number, seconds } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Figures } from "../../operate/figures.js";
import { Frame } from "../../operate/frame.js";
import { History } from "../../operate/history.js";
import { Notices } from "../../operate/notices.js";
import { lastHour, slots, state, worries } from "../../operate/queue_facts.js";
import { Switch } from "../../operate/switch.js";
import { WorkersTable } from "../../operate/workers_table.js";
import { link } from "../../router.js";
import { Badge } from "../../ui/status.js";

const EVERY_MS = 4000;
const UNKNOWN = { message: "There is no such queue.", remedy: "Look at the list of queues." };

function figures(queue) {
  const { busy, slots: all } = slots(queue);
  const { ended, failed } = lastHour(queue);
  const waits = queue.wait_seconds;
  return [
    { label: "Ready", value: number(queue.ready), hint: queue.ready ? `the oldest for ${seconds(queue.oldest_age_seconds)}` : "nothing waits" },
    { label: "Scheduled", value: number(queue.scheduled), hint: "for later, or for a step before" },
    { label: "Processing", value: number(queue.processing), hint: `${busy} of ${all} slots busy` },
    { label: "Ended in the last hour", value: number(ended), hint: `${number(failed)} failed` },
    { label: "Wait to start", value: waits ? seconds(waits.p50) : "–", hint: waits ? `95 % within ${seconds(waits.p95)}` : "nothing ended lately" },
  ];
}

export default function QueueView({ params }) {
  const { data, error, reload } = useLoaded((signal) => get("/v1/queues", { signal }), [], { every_ms: EVERY_MS });
  const queue = data?.queues.find((one) => one.name === params.name);
  if (!queue) return html`<${Frame} title=${params.name} error=${error ?? (data && UNKNOWN)} />`;
  const [look, icon, word] = state(queue);
  const actions = html`
    <a class="button small" href=${link(`/operate/jobs?queue=${encodeURIComponent(queue.name)}`)}>Its jobs</a>
    <${Switch} queue=${queue} onDone=${reload} />
  `;
  return html`
    <${Frame} title=${queue.name} lead=${html`<${Badge} look=${look} icon=${icon}>${word}<//>`} error=${error} actions=${actions}>
      <${Notices} notices=${worries(queue)} label="What to know" />
      <${Figures} figures=${figures(queue)} />
      <${History} name=${queue.name} />
      <${Failures} queue=${queue} />
      <section class="stack tight">
        <h2>Consumers</h2>
        <${WorkersTable} workers=${queue.consumers} without=${["queue"]} caption="Consumers" empty="No worker consumes this queue." />
      </section>
    <//>
  `;
}

function failed(queue, code) {
  return link(`/operate/jobs?${new URLSearchParams({ queue: queue.name, status: "failed", ...(code && { error_code: code }) })}`);
}

function Failures({ queue }) {
  const { failures } = lastHour(queue);
  if (!failures.length) return null;
  return html`
    <section class="stack tight">
      <h2>Failures of the last hour</h2>
      <ul class="tally">
        ${failures.map(([code, count]) => html`<li key=${code}><a href=${failed(queue, code)}><code>${code}</code></a> <span class="numbers">${number(count)}</span></li>`)}
      </ul>
      <p><a href=${failed(queue)}>Look at the failed jobs</a></p>
    </section>
  `;
}
