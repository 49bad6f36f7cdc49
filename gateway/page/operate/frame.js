/** What the operator's views have in common: their own navigation, their heading, what is said when they cannot load. */
import { html } from "../html.js";
import { link, route } from "../router.js";
import { may } from "../session.js";
import { Problem } from "../ui/problem.js";
import { VIEWS } from "../views.js";

const NOT_ALLOWED = {
  message: "This part of the page is for operators.",
  remedy: "Sign in with a key that has the scope 'admin'.",
};

/** `error` is what went wrong while loading; what was there before stays in view under it. */
export function Frame({ title, lead, actions, error, children }) {
  return html`
    <div class="operate stack loose">
      <${Sections} />
      <div class="head">
        <div class="stack tight grow">
          <h1>${title}</h1>
          ${lead && html`<p class="lead">${lead}</p>`}
        </div>
        ${actions && html`<div class="row">${actions}</div>`}
      </div>
      ${may("admin")
        ? html`${error && html`<${Problem} error=${error} />`}${children}`
        : html`<${Problem} error=${NOT_ALLOWED} />`}
    </div>
  `;
}

function Sections() {
  const { path } = route.value;
  const sections = VIEWS.filter((view) => view.section && may(view.scope));
  // The first one's address is the beginning of all the others'.
  const isHere = (view) => path === view.path || (view !== sections[0] && path.startsWith(`${view.path}/`));
  const here = sections.find(isHere) ?? sections[0];
  return html`
    <nav class="sections" aria-label="Operate">
      ${sections.map(
        (view) => html`
          <a key=${view.path} href=${link(view.path)} aria-current=${view === here ? "page" : undefined}>${view.section}</a>
        `,
      )}
    </nav>
  `;
}
