/** A moment, said as people say it; the exact time is in its title. */
import { html } from "../html.js";
import { ago, moment } from "../format.js";

/** `at` is ISO 8601, or null. */
export function When({ at }) {
  return at ? html`<time datetime=${at} title=${moment(at)}>${ago(at)}</time>` : "–";
}
