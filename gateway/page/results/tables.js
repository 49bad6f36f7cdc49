/** Tables that were found on pages; the place of each cell is shown when somebody points at it. */
import { get } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { inputOf } from "../preview.js";
import { placed, Sheet, usePage } from "./sheet.js";

export function Tables({ job }) {
  const [tables, setTables] = useState(job.result?.tables ?? []);
  const [active, setActive] = useState(null);
  useEffect(() => {
    const file = job.outputs.find((one) => one.url && one.media_type === "application/json");
    if (file) get(file.url).then((read) => setTables(read.tables), () => {});
  }, [job.id]);
  const page = active?.page ?? tables[0]?.page ?? 1;
  const state = usePage(tables.length ? inputOf(job) : null, page, 1600);
  const size = state.picture;
  if (!tables.length) return html`<p>No table was found.</p>`;
  return html`
    <section class="beside figures" aria-label="Tables">
      <div class="stack loose">
        ${tables.map(
          (table, index) => html`
            <section key=${index} class="stack tight">
              <h2>Table ${index + 1} <span class="hint">page ${table.page}</span></h2>
              <div class="table-frame" tabindex="0" role="region" aria-label=${`Table ${index + 1}`}>
                <table class="grid">
                  <tbody>${table.rows.map((row, at) => html`<tr key=${at}>${row.map((text, column) => html`<${Cell} key=${column} text=${text} table=${table} at=${at} column=${column} active=${active} onActive=${setActive} />`)}</tr>`)}</tbody>
                </table>
              </div>
            </section>
          `,
        )}
      </div>
      <div class="pinned">
        <${Sheet} state=${state} label="The page with the table">
          ${size?.width_points &&
          html`
            ${tables.filter((one) => one.page === page).map((one, index) => html`<span key=${index} class="box table" style=${placed(one.box, size.width_points, size.height_points)}></span>`)}
            ${active?.box && html`<span class="box active" style=${placed(active.box, size.width_points, size.height_points)}></span>`}
          `}
        <//>
      </div>
    </section>
  `;
}

function Cell({ text, table, at, column, active, onActive }) {
  const cell = table.cells?.find((one) => one.row === at && one.column === column);
  const point = () => cell && onActive({ page: table.page, box: cell.box });
  if (!text) return html`<td></td>`;
  return html`
    <td>
      <button
        type="button" class=${`value short plain ${cell && active?.box === cell.box ? "active" : ""}`}
        onPointerEnter=${point} onFocus=${point} onClick=${point}
      >${text}</button>
    </td>
  `;
}
