/** Shows what went wrong: the sentence, what to do about it, and the stable code. */
import { html } from "../html.js";
import { Icon } from "./icon.js";

/** `error` is an ApiError, or the `error` of a job; `children` are buttons. `live`: read aloud when it appears. */
export function Problem({ error, title, live = true, children }) {
  if (!error) return null;
  return html`
    <div class="problem" role=${live ? "alert" : undefined}>
      <${Icon} name="alert" />
      <div>
        ${title && html`<p class="problem-title">${title}</p>`}
        <p>${error.message}</p>
        ${error.remedy && html`<p class="remedy"><span class="label">What to do</span> ${error.remedy}</p>`}
        ${error.code && html`<p class="code">Code <code>${error.code}</code></p>`}
        ${children && html`<div class="row">${children}</div>`}
      </div>
    </div>
  `;
}
