/** A row of figures with what they count. */
import { html } from "../html.js";

/** `figures`: `[{label, value, hint?, look?}]`; `look` "bad" or "wait" colours the value. */
export function Figures({ figures }) {
  return html`
    <dl class="figures-row">
      ${figures.map(
        ({ label, value, hint, look }) => html`
          <div key=${label} class="figure">
            <dt>${label}</dt>
            <dd class=${`value ${look ?? ""}`}>${value}</dd>
            ${hint && html`<dd class="hint">${hint}</dd>`}
          </div>
        `,
      )}
    </dl>
  `;
}
