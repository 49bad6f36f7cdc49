/** Moves between the pages of a list that the server hands out with a cursor. */
import { html } from "../html.js";
import { Icon } from "../ui/icon.js";

/** `cursor` is that of this page (none: the first), `next` that of the one after it; `go` is called with either. */
export function Pages({ cursor, next, go, first = "Newest", older = "Older" }) {
  if (!cursor && !next) return null;
  return html`
    <nav class="row" aria-label="Pages">
      ${cursor && html`<button class="small" onClick=${() => go(null)}><${Icon} name="back" />${first}</button>`}
      ${next && html`<button class="small" onClick=${() => go(next)}>${older}<${Icon} name="arrow" /></button>`}
    </nav>
  `;
}
