/** What the list of webhooks and the view of one have in common. */
import { seconds } from "../format.js";
import { html } from "../html.js";
import { Badge } from "../ui/status.js";

/** What is told of. */
export const EVENTS = [
  "job.completed", "job.failed", "job.cancelled", "batch.completed", "pipeline.completed", "pipeline.failed", "pipeline.cancelled",
];

/** Whether an endpoint hears. */
export function EndpointState({ one }) {
  if (!one.enabled) return html`<${Badge} look="off" icon="cross">Disabled<//>`;
  if (one.failing_since) {
    const failing_s = (Date.now() - Date.parse(one.failing_since)) / 1000;
    return html`<${Badge} look="bad" icon="alert">Failing for ${seconds(failing_s)}<//>`;
  }
  return html`<${Badge} look="good" icon="check">Enabled<//>`;
}

/** Which events an endpoint hears of all jobs of its owner. */
export function EventChoice({ chosen, onChange }) {
  const turn = (name) => onChange(EVENTS.filter((one) => (one === name ? !chosen.includes(one) : chosen.includes(one))));
  return html`
    <fieldset class="field">
      <legend class="label">Events of all jobs</legend>
      <div class="event-checks">
        ${EVENTS.map(
          (name) => html`
            <label key=${name} class="check"><input type="checkbox" checked=${chosen.includes(name)} onChange=${() => turn(name)} /><span>${name}</span></label>
          `,
        )}
      </div>
      <p class="hint">With none, it hears only of jobs that name this address as their webhook_url.</p>
    </fieldset>
  `;
}
