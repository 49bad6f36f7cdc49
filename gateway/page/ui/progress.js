/** A bar that shows how far something is. */
import { html } from "../html.js";

/** `percent` from 0 to 100, null while nobody knows. `label` says of what. */
export function Progress({ percent, label, text }) {
  const known = percent != null;
  const value = known ? Math.max(0, Math.min(100, percent)) : undefined;
  return html`
    <div class="progress-block">
      <div
        class=${`progress ${known ? "" : "unknown"}`}
        role="progressbar"
        aria-label=${label}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${value}
        aria-valuetext=${text || undefined}
      >
        <span style=${{ width: known ? `${value}%` : undefined }}></span>
      </div>
      ${text && html`<p class="progress-text" aria-hidden="true">${text}</p>`}
    </div>
  `;
}
