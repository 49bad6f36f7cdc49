/** All queues: what waits, who works, what needs a hand. */
import { get } from "../../api.js";
import { number, seconds } from "../../format.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Figures } from "../../operate/figures.js";
import { Frame } from "../../operate/frame.js";
import { Notices } from "../../operate/notices.js";
import { byRank, lastHour, slots, state, worries } from "../../operate/queue_facts.js";
import { Switch } from "../../operate/switch.js";
import { link } from "../../router.js";
import { Badge } from "../../ui/status.js";
import { Table } from "../../ui/table.js";

const EVERY_MS = 4000;

const address = (queue) => link(`/operate/queues/${encodeURIComponent(queue.name)}`);
const jobsOf = (queue, status) => link(`/operate/jobs?queue=${encodeURIComponent(queue.name)}&status=${status}`);

function Count({ queue, of, status, look }) {
  const count = queue[of];
  return count ? html`<a class=${look} href=${jobsOf(queue, status)}>${number(count)}</a>` : html`<span class="none">0</span>`;
}

function Failed({ queue }) {
  const { failed } = lastHour(queue);
  return failed ? html`<a class="wrong" href=${jobsOf(queue, "failed")}>${number(failed)}</a>` : html`<span class="none">0</span>`;
}

function busy(queue) {
  const { busy, slots: all } = slots(queue);
  return all ? `${busy} of ${all}` : "–";
}

function columns(reload) {
  return [
    { key: "name", label: "Queue", cell: (queue) => html`<${Name} queue=${queue} />` },
    { key: "ready", label: "Ready", class: "right numbers", cell: (queue) => html`<${Count} queue=${queue} of="ready" status="pending" />` },
    { key: "scheduled", label: "Scheduled", class: "right numbers", cell: (queue) => html`<${Count} queue=${queue} of="scheduled" status="pending" />` },
    { key: "processing", label: "Processing", class: "right numbers", cell: (queue) => html`<${Count} queue=${queue} of="processing" status="processing" />` },
    { key: "oldest", label: "Oldest waits", class: "right numbers", cell: (queue) => (queue.ready ? seconds(queue.oldest_age_seconds) : "–") },
    { key: "slots", label: "Slots busy", class: "numbers", cell: (queue) => busy(queue) },
    { key: "done", label: "Ended, last hour", class: "right numbers", cell: (queue) => number(lastHour(queue).ended) },
    { key: "failed", label: "Failed", class: "right numbers", cell: (queue) => html`<${Failed} queue=${queue} />` },
    { key: "switch", label: "Pause or resume", quiet: true, class: "right", cell: (queue) => html`<${Switch} queue=${queue} onDone=${reload} />` },
  ];
}

function Name({ queue }) {
  const [look, icon, word] = state(queue);
  return html`
    <span class="named">
      <a class="strong" href=${address(queue)}>${queue.name}</a>
      <${Badge} look=${look} icon=${icon}>${word}<//>
    </span>
  `;
}

function totals(queues) {
  const sum = (of) => queues.reduce((total, queue) => total + of(queue), 0);
  const oldest = queues.reduce((most, queue) => (queue.oldest_age_seconds > (most?.oldest_age_seconds ?? 0) ? queue : most), null);
  const failed = sum((queue) => lastHour(queue).failed);
  return [
    { label: "Ready", value: number(sum((queue) => queue.ready)), hint: `${number(sum((queue) => queue.scheduled))} scheduled for later` },
    { label: "Processing", value: number(sum((queue) => queue.processing)), hint: `of ${number(sum((queue) => slots(queue).slots))} slots` },
    { label: "Oldest waits", value: oldest ? seconds(oldest.oldest_age_seconds) : "–", hint: oldest ? `in ${oldest.name}` : "nothing waits" },
    { label: "Ended in the last hour", value: number(sum((queue) => lastHour(queue).ended)), hint: `${number(failed)} failed` },
  ];
}

export default function Queues() {
  const { data, error, reload } = useLoaded((signal) => get("/v1/queues", { signal }), [], { every_ms: EVERY_MS });
  const queues = data?.queues ?? [];
  const notices = queues.flatMap((queue) => worries(queue).map((worry) => ({ ...worry, name: queue.name, href: address(queue) })));
  const pressing = notices.filter((notice) => notice.look !== "off").sort(byRank);
  return html`
    <${Frame} title="Queues" error=${error}>
      ${data &&
      html`
        <${Figures} figures=${totals(queues)} />
        ${pressing.length > 0 &&
        html`<section class="stack tight"><h2>Needs attention</h2><${Notices} notices=${pressing} label="Needs attention" /></section>`}
        <${Table} columns=${columns(reload)} rows=${queues} idOf=${(queue) => queue.name} caption="Queues" />
      `}
    <//>
  `;
}
