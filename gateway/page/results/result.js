/** What a completed job found or made, shown in the way that suits its operation. */
import { html, useState } from "../html.js";
import { bytes, kind, number, words } from "../format.js";
import { canShow, outputOf } from "../preview.js";
import { Icon } from "../ui/icon.js";
import { Saved, SideBySide, sidesOf } from "./compare.js";
import { Figures } from "./figures.js";
import { Tables } from "./tables.js";
import { Words } from "./words.js";

/** The files of a job, to take away. */
export function Files({ job }) {
  const made = job.outputs;
  if (!made.length) return html`<p class="hint">This operation makes no file; what it found stands below.</p>`;
  return html`
    <ul class="files">
      ${made.map(
        (one) => html`
          <li key=${one.name}>
            <${Icon} name="file" />
            <span class="grow wrap">${one.name} <span class="hint">${kind(one.media_type)}, ${bytes(one.bytes)}</span></span>
            ${one.url ? html`<a class="button" href=${one.url} download=${one.name}><${Icon} name="download" />Download<span class="unseen"> ${one.name}</span></a>` : html`<span class="hint">removed</span>`}
          </li>
        `,
      )}
    </ul>
    ${made.length > 1 &&
    made.every((one) => one.url) &&
    html`<p><a class="button" href=${job.links.result} download><${Icon} name="download" />Download all as ZIP</a></p>`}
  `;
}

/** The view of a result. */
export function Result({ job }) {
  const [output, setOutput] = useState(null);
  const shown = job.outputs.filter((one) => one.url && canShow(one.media_type));
  const isExtraction = job.operation.startsWith("extract-") && job.result?.report;
  const sides = sidesOf(job, output);
  return html`
    ${job.result?.bytes_before && job.result.bytes_after != null && job.operation === "compress" && html`<${Saved} result=${job.result} />`}
    ${job.result?.target_reached === false && html`<p class="wrong">The target was not reached: this is the smallest that was found.</p>`}
    ${isExtraction && html`<${Figures} job=${job} />`}
    ${job.operation === "extract-tables" && html`<${Tables} job=${job} />`}
    ${["ocr", "ocr-preview"].includes(job.operation) && html`<${Words} job=${job} />`}
    ${!isExtraction &&
    job.operation !== "ocr-preview" &&
    shown.length > 0 &&
    html`
      ${shown.length > 1 &&
      html`
        <label class="field pick">
          <span class="label">File to show</span>
          <select onChange=${(e) => setOutput(shown[Number(e.target.value)])}>
            ${shown.map((one, index) => html`<option key=${one.name} value=${index}>${one.name}</option>`)}
          </select>
        </label>
      `}
      <${SideBySide} key=${output?.name} before=${sides.before} after=${sides.after ?? { reference: outputOf(job, shown[0]), name: shown[0].name }} />
    `}
    ${job.result && Object.keys(job.result).length > 0 && html`
      <details class="more" open=${!job.outputs.length}>
        <summary>${isExtraction ? "The result as data" : "What was done"}</summary>
        <${Data} given=${job.result} />
      </details>
    `}
  `;
}

/** Any JSON, for people: names and values, nested. Text is shown as it is. */
export function Data({ given }) {
  if (given === null) return html`<span class="hint">none</span>`;
  if (typeof given === "boolean") return given ? "yes" : "no";
  if (typeof given === "number") return html`<span class="numbers">${number(given)}</span>`;
  if (typeof given === "string") return html`<span class="wrap told">${given}</span>`;
  if (Array.isArray(given)) {
    if (!given.length) return html`<span class="hint">none</span>`;
    if (given.every((one) => one === null || typeof one !== "object")) return html`<span class="wrap">${given.map((one) => String(one)).join(", ")}</span>`;
    return html`<ol class="nested">${given.slice(0, MOST).map((one, index) => html`<li key=${index}><${Data} given=${one} /></li>`)}${given.length > MOST && html`<li class="hint">and ${given.length - MOST} more</li>`}</ol>`;
  }
  return html`
    <dl class="facts data">
      ${Object.entries(given).map(([name, one]) => html`<dt key=${`${name}-name`}>${words(name)}</dt><dd key=${name}><${Data} given=${one} /></dd>`)}
    </dl>
  `;
}

/** More rows help nobody; the file has all. */
const MOST = 50;
