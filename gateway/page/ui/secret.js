/** Something secret that a person takes along: shown in full, with a button that copies it. */
import { html, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

/** `label` says what it is. Where the browser lets nobody write to the clipboard the text is selected instead. */
export function Secret({ value, label }) {
  const field = useRef(null);
  const [said, setSaid] = useState("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied.");
    } catch {
      field.current.select();
      setSaid("Selected: copy it with your keyboard.");
    }
  }
  return html`
    <div class="secret">
      <input class="mono" ref=${field} readonly aria-label=${label} value=${value} onFocus=${(event) => event.target.select()} />
      <button onClick=${copy}><${Icon} name="copy" />Copy</button>
      <span class="hint" role="status">${said}</span>
    </div>
  `;
}
