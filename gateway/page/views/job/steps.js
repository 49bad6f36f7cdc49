/** The steps that a job is done in, and how far each is. */
import { seconds, words } from "../../format.js";
import { html } from "../../html.js";
import { Progress } from "../../ui/progress.js";
import { Status } from "../../ui/status.js";

export function Steps({ steps }) {
  return html`
    <ol class="steps" aria-label="Steps">
      ${steps.map(
        (step, index) => html`
          <li key=${step.id ?? index}>
            <span class="step-number">${index + 1}</span>
            <div class="grow stack tight">
              <div class="row between">
                <strong>${words(step.operation)}</strong>
                <span class="row">
                  ${step.run_seconds != null && html`<span class="hint">${seconds(step.run_seconds)}</span>`}
                  <${Status} status=${step.status} />
                </span>
              </div>
              ${step.status === "processing" && html`<${Progress} percent=${step.progress.total ? step.progress.percent : null} label=${`Step ${index + 1}`} text=${step.progress.message} />`}
              ${step.waiting && step.status === "pending" && html`<p class="hint">${step.waiting.message}</p>`}
              ${step.error && html`<p class="wrong">${step.error.message}</p>`}
            </div>
          </li>
        `,
      )}
    </ol>
  `;
}
