/** Extracted figures: each value with its status in words and colour, and its place on the page. */
import { get } from "../api.js";
import { words } from "../format.js";
import { html, useEffect, useMemo, useState } from "../html.js";
import { canShow, inputOf } from "../preview.js";
import { Icon } from "../ui/icon.js";
import { Badge } from "../ui/status.js";
import { Pager, placed, Sheet, usePage } from "./sheet.js";

const LOOKS = {
  verified: ["good", "check", "Verified"],
  discrepancy: ["bad", "alert", "Discrepancy"],
  unverifiable: ["wait", "clock", "Unverifiable"],
};

const isValue = (one) => one !== null && typeof one === "object" && "value" in one && "evidence" in one;
const isRecord = (one) => one !== null && typeof one === "object" && !Array.isArray(one) && !isValue(one);

/** Everything in a document that stands somewhere, in its order: `{path, value}`. */
function valuesOf(given, path = "") {
  if (isValue(given)) return [{ path, value: given }];
  if (Array.isArray(given)) return given.flatMap((one, index) => valuesOf(one, `${path}.${index}`));
  if (isRecord(given)) return Object.entries(given).flatMap(([name, one]) => valuesOf(one, `${path}.${name}`));
  return [];
}

/** The result with its documents; in the file they stand in the order in which they are meant to be read. */
export function useExtraction(job) {
  const [found, setFound] = useState(job.result?.documents ? job.result : null);
  useEffect(() => {
    const file = job.outputs.find((one) => one.url && one.media_type === "application/json" && !one.name.endsWith("-compact.json"));
    if (file) get(file.url).then((read) => read.documents && setFound(read), () => {});
  }, [job.id]);
  return found;
}

export function Figures({ job }) {
  const extraction = useExtraction(job);
  const [active, setActive] = useState(null);
  const [page, setPage] = useState(1);
  const values = useMemo(() => valuesOf(extraction?.documents ?? []), [extraction]);
  const input = job.inputs[0];
  const shown = input?.url && canShow(input.media_type) ? inputOf(job) : null;
  const state = usePage(shown, page, 1600);
  if (!extraction) return null;
  const size = extraction.report?.page_sizes?.find((one) => one.page === page) ?? state.picture;

  function point(path) {
    setActive(path);
    const place = values.find((one) => one.path === path)?.value.evidence[0];
    if (place && shown) setPage(place.page);
  }
  const shared = { active, onActive: point };
  return html`
    <section class="stack" aria-label="Figures">
      <${Verdict} extraction=${extraction} />
      <div class=${shown ? "beside figures" : "stack"}>
        <div class="stack loose">
          ${extraction.documents.map(
            (one, index) => html`
              <article key=${index} class="stack">
                <h2>${extraction.documents.length > 1 ? `${words(one.kind ?? extraction.document_type)} ${index + 1}` : words(one.kind ?? extraction.document_type)}</h2>
                <${Part} given=${one} path=${`.${index}`} ...${shared} />
              </article>
            `,
          )}
          ${!extraction.documents.length && html`<p>Nothing of this kind was found in the document.</p>`}
          <${Checks} checks=${extraction.checks} />
        </div>
        ${shown &&
        html`
          <div class="stack tight pinned">
            <div class="row between">
              <p class="hint">Point at a value to see where it stands.</p>
              <${Pager} page=${page} pages=${state.picture?.pages} onPage=${setPage} />
            </div>
            <${Sheet} state=${state} label=${input.name}>
              ${size?.width_points &&
              values.flatMap(({ path, value }) =>
                value.evidence
                  .filter((place) => place.page === page)
                  .map(
                    (place, index) => html`
                      <span
                        key=${`${path}-${index}`} class=${`box ${LOOKS[value.status]?.[0] ?? ""} ${active === path ? "active" : ""}`}
                        style=${placed(place.box, size.width_points, size.height_points)}
                        onPointerEnter=${() => setActive(path)} onPointerLeave=${() => setActive(null)} aria-hidden="true"
                      ></span>
                    `,
                  ),
              )}
            <//>
          </div>
        `}
      </div>
    </section>
  `;
}

/** What the whole is worth, in a sentence. */
function Verdict({ extraction }) {
  const { report, status, notes = [] } = extraction;
  const [look, icon] = LOOKS[status] ?? LOOKS.unverifiable;
  const says = {
    verified: "Every check holds: the figures agree with each other and with the page.",
    discrepancy: "Some figures do not agree: they were misread, or the document itself is wrong. Look at the marked values.",
    unverifiable: "The document does not hold what would prove these figures. Look at them yourself.",
  };
  return html`
    <div class=${`verdict ${look}`}>
      <${Badge} look=${look} icon=${icon}>${LOOKS[status]?.[2] ?? status}<//>
      <p>${says[status]}</p>
      ${report && html`<p class="hint">Values: ${tally(report.values)}. Checks: ${tally(report.checks)}.</p>`}
      ${notes.map((note) => html`<p key=${note} class="hint">${note}</p>`)}
    </div>
  `;
}

function tally(counts) {
  const said = { verified: "verified", discrepancy: "in discrepancy", unverifiable: "unverifiable" };
  return Object.entries(said).filter(([name]) => counts[name]).map(([name, word]) => `${counts[name]} ${word}`).join(", ") || "none";
}

/** A record: its values as a list, what is nested under headings, lists of records as tables. */
function Part({ given, path, ...shared }) {
  const entries = Object.entries(given);
  const values = entries.filter(([, one]) => isValue(one));
  const parts = entries.filter(([, one]) => isRecord(one) && valuesOf(one).length);
  const lists = entries.filter(([, one]) => Array.isArray(one) && one.length);
  return html`
    ${values.length > 0 &&
    html`
      <dl class="values">
        ${values.map(
          ([name, one]) => html`
            <div key=${name} class=${shared.active === `${path}.${name}` ? "active" : ""}>
              <dt>${words(name)}</dt>
              <dd><${Value} one=${one} name=${words(name)} path=${`${path}.${name}`} ...${shared} /></dd>
            </div>
          `,
        )}
      </dl>
    `}
    ${parts.map(([name, one]) => html`<section key=${name} class="stack tight"><h3>${words(name)}</h3><${Part} given=${one} path=${`${path}.${name}`} ...${shared} /></section>`)}
    ${lists.map(([name, rows]) => html`<${Rows} key=${name} name=${name} rows=${rows} path=${`${path}.${name}`} ...${shared} />`)}
  `;
}

function Rows({ name, rows, path, ...shared }) {
  if (!rows.some(isRecord)) {
    return rows.some(isValue)
      ? html`<section class="stack tight"><h3>${words(name)}</h3><ul>${rows.map((one, index) => html`<li key=${index}><${Value} one=${one} name=${words(name)} path=${`${path}.${index}`} ...${shared} /></li>`)}</ul></section>`
      : null;
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row).filter((key) => isValue(row[key]))))];
  const nested = rows.some((row) => Object.values(row).some((one) => (Array.isArray(one) && one.length) || (isRecord(one) && valuesOf(one).length)));
  if (nested) {
    return rows.map((row, index) => html`<section key=${index} class="stack tight"><h3>${words(name)} ${index + 1}</h3><${Part} given=${row} path=${`${path}.${index}`} ...${shared} /></section>`);
  }
  return html`
    <section class="stack tight">
      <h3>${words(name)}</h3>
      <div class="table-frame" tabindex="0" role="region" aria-label=${words(name)}>
        <table class="grid">
          <thead><tr>${columns.map((column) => html`<th key=${column} scope="col">${words(column)}</th>`)}</tr></thead>
          <tbody>
            ${rows.map(
              (row, index) => html`
                <tr key=${index}>
                  ${columns.map((column) => html`<td key=${column} class=${isLong(row[column]) ? "long" : ""}>${row[column] && html`<${Value} short one=${row[column]} name=${words(column)} path=${`${path}.${index}.${column}`} ...${shared} />`}</td>`)}
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

const LONG_CHARACTERS = 24;
const isLong = (one) => isValue(one) && String(one.value).length > LONG_CHARACTERS;

/** One value: a button, so that the keyboard reaches it as the pointer does. */
function Value({ one, name, path, short, active, onActive }) {
  const [look, icon, word] = LOOKS[one.status] ?? LOOKS.unverifiable;
  const where = one.evidence.length ? `page ${[...new Set(one.evidence.map((place) => place.page))].join(", ")}` : "not on the page";
  return html`
    <button
      type="button" class=${`value ${look} ${short ? "short" : ""} ${active === path ? "active" : ""}`}
      aria-label=${`${name}: ${one.value}. ${word}, ${where}.`} title=${`${word}, ${where}`}
      onPointerEnter=${() => onActive(path)} onPointerLeave=${() => onActive(null)} onFocus=${() => onActive(path)} onBlur=${() => onActive(null)}
      onClick=${() => onActive(path)}
    >
      <span class="value-text">${String(one.value)}</span>
      ${short ? html`<${Icon} name=${icon} />` : html`<${Badge} look=${look} icon=${icon}>${word}<//>`}
    </button>
  `;
}

function Checks({ checks }) {
  if (!checks?.length) return null;
  const failed = checks.filter((one) => one.status === "discrepancy");
  return html`
    <details class="checks" open=${failed.length > 0}>
      <summary>${checks.length} checks${failed.length ? `, ${failed.length} failed` : ""}</summary>
      <ul>
        ${[...failed, ...checks.filter((one) => one.status !== "discrepancy")].map((one, index) => {
          const [look, icon, word] = LOOKS[one.status] ?? LOOKS.unverifiable;
          return html`
            <li key=${index}>
              <${Badge} look=${look} icon=${icon}>${word}<//>
              <span>${one.says}${one.line != null && html` <span class="hint">Line ${one.line + 1}.</span>`}</span>
              ${one.status === "discrepancy" && html`<span class="wrong numbers">Expected ${one.expected}, found ${one.found}: ${one.difference} apart.</span>`}
            </li>
          `;
        })}
      </ul>
    </details>
  `;
}
