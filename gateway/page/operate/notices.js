/** Sentences that an operator should read, the worst first. */
import { html } from "../html.js";
import { Icon } from "../ui/icon.js";

const ICONS = { bad: "alert", wait: "clock", off: "file", good: "check" };

/** `notices`: `[{look, text, href?, name?}]`; `name` links to `href`. */
export function Notices({ notices, label }) {
  if (!notices.length) return null;
  return html`
    <ul class="notices" aria-label=${label}>
      ${notices.map(
        ({ look, text, href, name }) => html`
          <li key=${`${name}${text}`} class=${look}>
            <${Icon} name=${ICONS[look]} />
            <p>${name && html`<a href=${href}>${name}</a> `}${text}</p>
          </li>
        `,
      )}
    </ul>
  `;
}
