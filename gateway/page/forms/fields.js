/** The controls of a form: one for each kind of field in schema.js. */
import { html, useId, useState } from "../html.js";
import { words } from "../format.js";
import { Icon } from "../ui/icon.js";
import { initials } from "./values.js";

/** As many choices or fewer stand side by side; more become a list to pick from. */
const SIDE_BY_SIDE = 6;

/** A field with its label, its help and what is wrong with it. `onChange(value)`. */
export function Field({ field, value, onChange, problem }) {
  const id = useId();
  const help = field.help && `${id}-help`;
  const wrong = problem && `${id}-wrong`;
  const told = [help, wrong].filter(Boolean).join(" ") || undefined;
  const control = { id, field, value, onChange, "aria-describedby": told, "aria-invalid": problem ? "true" : undefined };
  const said = html`
    ${field.help && html`<p class="hint" id=${help}>${field.help}</p>`}
    ${problem && html`<p class="wrong" id=${wrong} role="alert">${problem}</p>`}
  `;
  if (field.kind === "switch") return html`<${Switch} ...${control}>${said}<//>`;
  const isGroup = ["set", "object", "records"].includes(field.kind) || (field.kind === "choice" && field.options.length <= SIDE_BY_SIDE);
  const marks = html`${field.label}${field.required && html`<span class="needed">needed</span>`}`;
  if (isGroup) {
    return html`
      <fieldset class="field" aria-describedby=${told}>
        <legend class="label">${marks}</legend>
        ${said}
        <${CONTROLS[field.kind]} ...${control} />
      </fieldset>
    `;
  }
  return html`
    <div class="field">
      <label class="label" for=${id}>${marks}</label>
      <${CONTROLS[field.kind] ?? Text} ...${control} />
      ${said}
    </div>
  `;
}

function Switch({ id, field, value, onChange, children, ...aria }) {
  return html`
    <div class="field">
      <label class="switch" for=${id}>
        <input type="checkbox" role="switch" id=${id} checked=${value} onChange=${(e) => onChange(e.target.checked)} ...${aria} />
        <span class="label">${field.label}</span>
      </label>
      ${children}
    </div>
  `;
}

function Choice({ id, field, value, onChange, ...aria }) {
  const given = field.optional && !field.required ? ["", ...field.options] : field.options;
  const said = (choice) => (choice === "" ? "As it is" : words(choice));
  if (field.options.length > SIDE_BY_SIDE) {
    return html`
      <select id=${id} value=${value} onChange=${(e) => onChange(e.target.value)} ...${aria}>
        ${field.required && value === "" && html`<option value="">Choose …</option>`}
        ${given.map((choice) => html`<option key=${choice} value=${choice}>${said(choice)}</option>`)}
      </select>
      ${field.meanings[value] && html`<p class="hint">${field.meanings[value]}</p>`}
    `;
  }
  const explained = field.options.some((choice) => field.meanings[choice]);
  return html`
    <div class=${explained ? "choices explained" : "choices"}>
      ${given.map(
        (choice) => html`
          <label key=${choice} class="choice">
            <input type="radio" name=${id} value=${choice} checked=${value === String(choice)} onChange=${() => onChange(String(choice))} />
            <span>
              <span class="choice-name">${said(choice)}</span>
              ${field.meanings[choice] && html`<span class="hint">${field.meanings[choice]}</span>`}
            </span>
          </label>
        `,
      )}
    </div>
  `;
}

function ManyOf({ field, value, onChange }) {
  const turn = (choice, on) => onChange(field.options.filter((one) => (one === choice ? on : value.includes(one))));
  return html`
    <div class="choices">
      ${field.options.map(
        (choice) => html`
          <label key=${choice} class="choice">
            <input type="checkbox" checked=${value.includes(choice)} onChange=${(e) => turn(choice, e.target.checked)} />
            <span class="choice-name">${words(choice)}</span>
          </label>
        `,
      )}
    </div>
  `;
}

function Numeric({ id, field, value, onChange, ...aria }) {
  const limits = field.most == null ? "" : field.least == null ? `at most ${field.most}` : `${field.least} to ${field.most}`;
  return html`
    <div class="with-unit">
      <input
        type="text" inputmode=${field.kind === "integer" && !(field.least < 0) ? "numeric" : "text"} id=${id} value=${value} autocomplete="off"
        placeholder=${field.optional ? limits || "not set" : limits} onInput=${(e) => onChange(e.target.value)} ...${aria}
      />
      ${field.unit && html`<span class="unit">${field.unit}</span>`}
    </div>
  `;
}

function Text({ id, field, value, onChange, ...aria }) {
  return html`<input type="text" id=${id} value=${value} autocomplete="off" onInput=${(e) => onChange(e.target.value)} ...${aria} />`;
}

function Secret({ id, field, value, onChange, ...aria }) {
  return html`<input type="password" id=${id} value=${value} autocomplete="new-password" onInput=${(e) => onChange(e.target.value)} ...${aria} />`;
}

function Pages({ id, value, onChange, ...aria }) {
  return html`
    <input type="text" id=${id} value=${value} placeholder="all" autocomplete="off" onInput=${(e) => onChange(e.target.value)} ...${aria} />
    <details class="syntax">
      <summary>How pages are written</summary>
      <dl class="facts">
        <dt><code>1-3,5</code></dt><dd>pages 1 to 3, and 5</dd>
        <dt><code>-1</code></dt><dd>the last page</dd>
        <dt><code>7-</code></dt><dd>from page 7 to the end</dd>
        <dt><code>5-1</code></dt><dd>backwards</dd>
        <dt><code>odd</code>, <code>even</code></dt><dd>every other page</dd>
      </dl>
    </details>
  `;
}

function Lines({ id, field, value, onChange, ...aria }) {
  return html`
    <textarea id=${id} rows="3" value=${value} spellcheck="false" onInput=${(e) => onChange(e.target.value)} ...${aria}></textarea>
    ${field.kind === "list" && html`<p class="hint">${field.pages ? "One line for each part, such as 1-3." : "One line each."}</p>`}
  `;
}

function Json({ id, value, onChange, ...aria }) {
  return html`
    <textarea id=${id} rows="6" value=${value} spellcheck="false" class="mono" onInput=${(e) => onChange(e.target.value)} ...${aria}></textarea>
    <p class="hint">Written as JSON.</p>
  `;
}

function Moment({ id, value, onChange, ...aria }) {
  return html`<input type="datetime-local" id=${id} value=${value} onInput=${(e) => onChange(e.target.value)} ...${aria} />`;
}

function Colour({ id, value, onChange, ...aria }) {
  return html`<input type="color" id=${id} value=${value} onInput=${(e) => onChange(e.target.value)} ...${aria} />`;
}

function Group({ field, value, onChange }) {
  return html`
    <div class="group">
      ${field.fields.map(
        (each) => html`
          <${Field} key=${each.name} field=${each} value=${value[each.name]} onChange=${(given) => onChange({ ...value, [each.name]: given })} />
        `,
      )}
    </div>
  `;
}

function Records({ field, value, onChange }) {
  const [kept, setKept] = useState(() => value.map((_, index) => index));
  const [next, setNext] = useState(value.length);
  function add() {
    setKept([...kept, next]);
    setNext(next + 1);
    onChange([...value, initials(field.fields)]);
  }
  function drop(index) {
    setKept(kept.filter((_, other) => other !== index));
    onChange(value.filter((_, other) => other !== index));
  }
  return html`
    <div class="stack tight">
      ${value.map(
        (row, index) => html`
          <div key=${kept[index]} class="record">
            <${Group} field=${field} value=${row} onChange=${(given) => onChange(value.map((one, other) => (other === index ? given : one)))} />
            <button type="button" class="quiet" onClick=${() => drop(index)} aria-label=${`Remove row ${index + 1}`}><${Icon} name="close" /></button>
          </div>
        `,
      )}
      <div><button type="button" onClick=${add}><${Icon} name="plus" />Add one</button></div>
    </div>
  `;
}

const CONTROLS = {
  choice: Choice, set: ManyOf, integer: Numeric, number: Numeric, text: Text, long: Lines, secret: Secret,
  "secret-lines": Lines, pages: Pages, list: Lines, json: Json, moment: Moment, colour: Colour, object: Group, records: Records,
};
