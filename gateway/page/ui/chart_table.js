/** The figures of a chart as a table, behind a disclosure. */
import { html, useState } from "../html.js";
import { slotTime } from "./chart_scale.js";

/** The newest slot first; drawn when somebody opens it. */
export function FiguresTable({ title, slots, series, format }) {
  const [open, setOpen] = useState(false);
  return html`
    <details class="chart-figures" onToggle=${(event) => setOpen(event.currentTarget.open)}>
      <summary>${title} as a table</summary>
      ${open &&
      html`
        <div class="scroll" tabindex="0" role="region" aria-label=${`${title}, figures`}>
          <table class="plain">
            <thead>
              <tr><th scope="col">From</th>${series.map((one) => html`<th key=${one.key} scope="col" class="right">${one.label}</th>`)}</tr>
            </thead>
            <tbody>
              ${slots.toReversed().map(
                (slot) => html`
                  <tr key=${slot.at}>
                    <th scope="row">${slotTime(slot.at)}</th>
                    ${series.map((one) => html`<td key=${one.key} class="right numbers">${format(slot.values[one.key])}</td>`)}
                  </tr>
                `,
              )}
            </tbody>
          </table>
        </div>
      `}
    </details>
  `;
}
