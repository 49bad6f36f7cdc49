/** What became of a queue's jobs in the last hours, as charts: how many ended, how long they waited and ran. */
import { get } from "../api.js";
import { number, seconds } from "../format.js";
import { html, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Chart } from "../ui/chart.js";
import { clock } from "../ui/chart_scale.js";
import { Problem } from "../ui/problem.js";

const EVERY_MS = 60_000;
const SPANS = [
  [1, "1 hour"],
  [24, "24 hours"],
  [168, "7 days"],
];
const ENDED = [
  { key: "completed", label: "completed", look: "one" },
  { key: "failed", label: "failed", look: "bad" },
  { key: "cancelled", label: "cancelled", look: "off" },
];
const TIMES = [
  { key: "p50", label: "half within", look: "one" },
  { key: "p95", label: "95 % within", look: "two" },
];

/** A round length of time, shortly: "20 s", "2 min". */
function roundSeconds(length_s) {
  if (length_s < 60) return `${Number(length_s.toFixed(3))} s`;
  return length_s < 3600 ? `${Number((length_s / 60).toFixed(1))} min` : `${Number((length_s / 3600).toFixed(1))} h`;
}

const times = (slots, of) => slots.map((slot) => ({ at: slot.at, values: { p50: slot[of]?.p50 ?? null, p95: slot[of]?.p95 ?? null } }));

function saidOfEnded(slots) {
  const sum = (key) => slots.reduce((total, slot) => total + slot[key], 0);
  const most = slots.reduce((best, slot) => (slot.completed + slot.failed > best.completed + best.failed ? slot : best), slots[0]);
  const top = most.completed + most.failed;
  if (!sum("completed") && !sum("failed")) return "No job ended in this time.";
  const cancelled = sum("cancelled") ? `, ${number(sum("cancelled"))} cancelled` : "";
  return `${number(sum("completed"))} completed, ${number(sum("failed"))} failed${cancelled}. Most at once: ${number(top)} from ${clock(most.at)}.`;
}

function saidOfTimes(slots, what) {
  const known = slots.filter((slot) => slot.values.p95 != null);
  if (!known.length) return "No job ended in this time.";
  const worst = known.reduce((most, slot) => (slot.values.p95 > most.values.p95 ? slot : most));
  return `${what} Longest from ${clock(worst.at)}: 95 % within ${seconds(worst.values.p95)}.`;
}

export function History({ name }) {
  const [hours, setHours] = useState(24);
  const read = (signal) => get(`/v1/queues/${encodeURIComponent(name)}/history`, { query: { hours }, signal });
  const { data, error } = useLoaded(read, [name, hours], { every_ms: EVERY_MS });
  const slots = data?.slots ?? [];
  return html`
    <section class="stack">
      <div class="head">
        <h2>History</h2>
        <div class="spans" role="group" aria-label="How far back">
          ${SPANS.map(
            ([span, label]) => html`<button key=${span} class="small" aria-pressed=${span === hours} onClick=${() => setHours(span)}>${label}</button>`,
          )}
        </div>
      </div>
      ${error && html`<${Problem} error=${error} />`}
      ${slots.length > 0 &&
      html`
        <div class="charts">
          <${Chart} title="Throughput" summary=${saidOfEnded(slots)} kind="bars" series=${ENDED} format=${number}
            slots=${slots.map(({ at, completed, failed, cancelled }) => ({ at, values: { completed, failed, cancelled } }))} />
          <${Times} title="Wait to start" what="From submission to the first claim." slots=${times(slots, "wait_seconds")} />
          <${Times} title="Run time" what="Of the attempt that ended the job." slots=${times(slots, "run_seconds")} />
        </div>
      `}
    </section>
  `;
}

function Times({ title, what, slots }) {
  const summary = saidOfTimes(slots, what);
  return html`
    <${Chart} title=${title} summary=${summary} kind="lines" series=${TIMES} format=${seconds} axis=${roundSeconds} slots=${slots} />
  `;
}
