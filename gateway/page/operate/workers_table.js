/** Workers, with what failed in their self-tests. */
import { html } from "../html.js";
import { ago, seconds } from "../format.js";
import { link } from "../router.js";
import { Badge } from "../ui/status.js";
import { Table } from "../ui/table.js";

function silent_s(worker) {
  return Math.max(0, (Date.now() - Date.parse(worker.last_beat_at)) / 1000);
}

function Life({ worker }) {
  if (worker.live) return html`<${Badge} look="good" icon="check">Alive<//>`;
  return html`<${Badge} look="off" icon="clock">Silent for ${seconds(silent_s(worker))}<//>`;
}

function Host({ worker }) {
  return html`<span class="host"><strong class="wrap">${worker.host}</strong><span class="hint">process ${worker.pid}</span></span>`;
}

/** How many of the self-tests passed, and the text of each that did not. */
export function SelfTests({ worker }) {
  const all = Object.entries(worker.operations).sort();
  const failed = all.filter(([, text]) => text != null);
  return html`
    <div class="self-tests">
      ${failed.map(([operation, text]) => html`<p key=${operation} class="wrong"><strong>${operation}</strong>: ${text}</p>`)}
      <details>
        <summary>${all.length - failed.length} of ${all.length} passed</summary>
        <ul class="names">
          ${all.map(([operation, text]) => html`<li key=${operation} class=${text == null ? "good" : "bad"}>${operation}</li>`)}
        </ul>
      </details>
    </div>
  `;
}

const COLUMNS = [
  { key: "life", label: "State", cell: (worker) => html`<${Life} worker=${worker} />` },
  { key: "queue", label: "Service", cell: (worker) => html`<a href=${link(`/operate/queues/${encodeURIComponent(worker.queue)}`)}>${worker.queue}</a>` },
  { key: "host", label: "Host", cell: (worker) => html`<${Host} worker=${worker} />` },
  { key: "version", label: "Version", cell: (worker) => worker.version },
  { key: "slots", label: "Slots busy", class: "numbers", cell: (worker) => (worker.live ? html`<${Slots} ...${worker} />` : "–") },
  { key: "tests", label: "Self-tests", class: "wide", cell: (worker) => html`<${SelfTests} worker=${worker} />` },
  { key: "seen", label: "Last seen", cell: (worker) => ago(worker.last_beat_at) },
];

/** "1 of 2", and a bar that shows the same. */
export function Slots({ busy, slots }) {
  return html`
    <span class="slots">
      ${busy} of ${slots}
      <span class="pips" aria-hidden="true">
        ${slots <= 8 && Array.from({ length: slots }, (_, index) => html`<i key=${index} class=${index < busy ? "taken" : ""}></i>`)}
      </span>
    </span>
  `;
}

/** `without` are keys of columns that the view has no need of. */
export function WorkersTable({ workers, caption, without = [], empty }) {
  const columns = COLUMNS.filter((column) => !without.includes(column.key));
  return html`<${Table} columns=${columns} rows=${workers} idOf=${(worker) => worker.worker_id} caption=${caption} empty=${empty} />`;
}
