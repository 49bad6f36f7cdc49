/** What can be done, in groups, with a search; only what fits the documents. */
import { grouped } from "../../catalogue.js";
import { html, useState } from "../../html.js";
import { link } from "../../router.js";
import { Icon } from "../../ui/icon.js";
import { Empty } from "../../ui/table.js";

/** In a group of more than so many the others are folded, until somebody searches. */
const SHOWN = 6;

export function OperationList({ operations, types, kept }) {
  const [search, setSearch] = useState("");
  const groups = grouped(operations, types, search).filter((group) => types.length || search || group.operations.some((one) => one.inputs !== "none"));
  const card = (one) => html`
    <li key=${one.name}>
      <a class="operation" href=${link(`/do/${one.name}${kept}`)}>
        <span class="operation-name">${one.title}</span>
        <span class="hint">${one.summary}</span>
      </a>
    </li>
  `;
  return html`
    <section class="stack" aria-labelledby="what-to-do">
      <div class="row between">
        <h2 id="what-to-do">${types.length ? "What fits these files" : "What you can do"}</h2>
        <label class="search">
          <span class="unseen">Search</span>
          <${Icon} name="search" />
          <input type="search" placeholder="Search" value=${search} onInput=${(e) => setSearch(e.target.value)} />
        </label>
      </div>
      ${!groups.length && html`<${Empty}>Nothing fits. Try another word, or take away files of another kind.<//>`}
      <div class="groups">
        ${groups.map(
          (group) => html`
            <section key=${group.title} class="stack tight">
              <h3>${group.title}</h3>
              <ul class="operations">${group.operations.slice(0, search ? undefined : SHOWN).map(card)}</ul>
              ${!search &&
              group.operations.length > SHOWN &&
              html`
                <details class="more-operations">
                  <summary>${group.operations.length - SHOWN} more</summary>
                  <ul class="operations">${group.operations.slice(SHOWN).map(card)}</ul>
                </details>
              `}
            </section>
          `,
        )}
      </div>
    </section>
  `;
}
