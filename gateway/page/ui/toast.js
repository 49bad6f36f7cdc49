/** Short messages at the edge of the page, and the region through which screen readers hear of progress. */
import { html, signal } from "../html.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 6000;
const toasts = signal([]);
const said = signal("");
let number = 0;

/** Show a message for some seconds. `kind`: "good", "bad" or "plain". */
export function toast(text, kind = "plain") {
  const id = (number += 1);
  toasts.value = [...toasts.value, { id, text, kind }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id) {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Let a screen reader say something, politely. */
export function announce(text) {
  said.value = text;
}

export function Toasts() {
  return html`
    <div class="toasts" role="status">
      ${toasts.value.map(
        (one) => html`
          <div key=${one.id} class=${`toast ${one.kind}`}>
            <span>${one.text}</span>
            <button class="quiet" aria-label="Dismiss" onClick=${() => dismiss(one.id)}><${Icon} name="close" /></button>
          </div>
        `,
      )}
    </div>
  `;
}

export function Announcer() {
  return html`<div class="unseen" role="status" aria-live="polite">${said.value}</div>`;
}
