/** One page of a document as a picture, with a way to turn pages and room for boxes over it. */
import { html, useEffect, useState } from "../html.js";
import { pagePicture } from "../preview.js";
import { Icon } from "../ui/icon.js";

/** The picture of a page: `{picture, error}`. */
export function usePage(reference, page, edge_pixels) {
  const [state, setState] = useState({});
  useEffect(() => {
    let current = true;
    if (!reference) return undefined;
    setState((before) => ({ picture: before.picture, loading: true }));
    pagePicture(reference, page, edge_pixels).then(
      (picture) => current && setState({ picture }),
      (error) => current && setState({ error }),
    );
    return () => (current = false);
  }, [reference, page, edge_pixels]);
  return state;
}

/** `children` lie over the page, placed in percent of it. `label` says of what the picture is. */
export function Sheet({ state, label, children }) {
  const { picture, error, loading } = state;
  if (error) return html`<div class="sheet none"><p>No picture of this page: ${error.message}</p></div>`;
  if (!picture) return html`<div class="sheet none" aria-busy="true"><p>Drawing the page …</p></div>`;
  return html`
    <div class=${`sheet ${loading ? "loading" : ""}`} style=${{ aspectRatio: `${picture.width} / ${picture.height}` }}>
      <img src=${picture.url} alt=${`${label}, page ${picture.page}`} width=${picture.width} height=${picture.height} />
      ${children}
    </div>
  `;
}

/** Back and forth between pages. */
export function Pager({ page, pages, onPage }) {
  if (!pages || pages < 2) return null;
  return html`
    <div class="pager" role="group" aria-label="Pages">
      <button type="button" class="quiet" disabled=${page <= 1} onClick=${() => onPage(page - 1)} aria-label="Page before"><${Icon} name="back" /></button>
      <span class="numbers">Page ${page} of ${pages}</span>
      <button type="button" class="quiet" disabled=${page >= pages} onClick=${() => onPage(page + 1)} aria-label="Next page"><${Icon} name="arrow" /></button>
    </div>
  `;
}

/** The style of a box on a page: `box` is left, top, right, bottom in the units of `width` and `height`. */
export function placed([left, top, right, bottom], width, height) {
  const part = (value, whole) => `${Math.max(0, Math.min(100, (100 * value) / whole))}%`;
  return { left: part(left, width), top: part(top, height), width: part(right - left, width), height: part(bottom - top, height) };
}
