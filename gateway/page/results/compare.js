/** Before and after: the same page of what was given and of what was made, side by side. */
import { html, useState } from "../html.js";
import { bytes, percent } from "../format.js";
import { canShow, inputOf, outputOf } from "../preview.js";
import { Pager, Sheet, usePage } from "./sheet.js";

const EDGE_PIXELS = 1200;

/** `before` and `after`: `{reference, name}`; either may be missing. */
export function SideBySide({ before, after }) {
  const [page, setPage] = useState(1);
  const left = usePage(before?.reference, page, EDGE_PIXELS);
  const right = usePage(after?.reference, page, EDGE_PIXELS);
  const pages = Math.max(left.picture?.pages ?? 0, right.picture?.pages ?? 0);
  const one = (side, state, title) =>
    side &&
    html`
      <figure>
        <figcaption><span class="label">${title}</span> <span class="hint wrap">${side.name}</span></figcaption>
        <${Sheet} state=${state} label=${`${title}: ${side.name}`} />
      </figure>
    `;
  return html`
    <section class="stack" aria-label="Preview">
      <div class="row between"><h2>${before && after ? "Before and after" : "Preview"}</h2><${Pager} page=${page} pages=${pages} onPage=${setPage} /></div>
      <div class=${before && after ? "pair" : "single"}>${one(before, left, "Before")} ${one(after, right, before ? "After" : "Result")}</div>
    </section>
  `;
}

/** What to show side by side of a job: its first input and its first output, as far as they can be shown. */
export function sidesOf(job, output) {
  const input = job.inputs.length === 1 && job.inputs[0];
  const shown = output ?? job.outputs.find((one) => one.url && canShow(one.media_type));
  return {
    before: input && input.url && canShow(input.media_type) ? { reference: inputOf(job), name: input.name } : null,
    after: shown ? { reference: outputOf(job, shown), name: shown.name } : null,
  };
}

/** How much smaller a document has become, as bars and in words. */
export function Saved({ result }) {
  const { bytes_before: before, bytes_after: after } = result;
  if (!before || after == null) return null;
  const saved = 100 * (1 - after / before);
  return html`
    <div class="saved">
      <p class="saved-figure">
        ${saved >= 0.05 ? html`<strong>${percent(saved)}</strong> smaller` : saved <= -0.05 ? html`<strong>${percent(-saved)}</strong> larger` : html`<strong>Same size</strong>`}
      </p>
      <dl class="bars">
        <dt>Before</dt><dd><span class="bar" style=${{ width: `${Math.min(100, (100 * before) / Math.max(before, after))}%` }}></span></dd><dd class="numbers">${bytes(before)}</dd>
        <dt>After</dt><dd><span class="bar after" style=${{ width: `${Math.max(0.5, (100 * after) / Math.max(before, after))}%` }}></span></dd><dd class="numbers">${bytes(after)}</dd>
      </dl>
    </div>
  `;
}
