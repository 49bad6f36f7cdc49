/** Rows of records; on a narrow screen each row becomes a card with its labels. */
import { html } from "../html.js";

/**
 * `columns`: `{key, label, cell(row), class?}`; `label` may be hidden with `quiet: true`. `rows` have `id`, or `idOf` names it.
 * `empty` is shown when there are none. `caption` tells what the table holds, for screen readers.
 */
export function Table({ columns, rows, caption, idOf = (row) => row.id, empty = "Nothing yet." }) {
  if (!rows.length) return html`<${Empty}>${empty}<//>`;
  return html`
    <div class="table-frame">
      <table class="rows">
        <caption class="unseen">${caption}</caption>
        <thead>
          <tr>
            ${columns.map(
              (column) => html`
                <th key=${column.key} scope="col" class=${column.class}>
                  ${column.quiet ? html`<span class="unseen">${column.label}</span>` : column.label}
                </th>
              `,
            )}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`
              <tr key=${idOf(row)}>
                ${columns.map(
                  (column) => html`
                    <td key=${column.key} class=${column.class} data-label=${column.quiet ? undefined : column.label}>
                      <div class="cell">${column.cell(row)}</div>
                    </td>
                  `,
                )}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** What is said where there is nothing. */
export function Empty({ children }) {
  return html`<div class="empty">${children}</div>`;
}
