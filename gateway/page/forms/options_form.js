/** The form of one operation: what most people choose in sight, the rest folded away. */
import { html, useEffect, useState } from "../html.js";
import { Field } from "./fields.js";
import { arranged } from "./schema.js";

/** `values` by name, `problems` by name; `onChange(name, value)`. */
export function OptionsForm({ fields, values, problems, onChange }) {
  const [shown, folded] = arranged(fields);
  const hidden = folded.some((field) => problems[field.name]);
  const [open, setOpen] = useState(false);
  useEffect(() => void (hidden && setOpen(true)), [hidden]);
  const one = (field) => html`
    <${Field}
      key=${field.name} field=${field} value=${values[field.name]} problem=${problems[field.name]}
      onChange=${(value) => onChange(field.name, value)}
    />
  `;
  return html`
    <div class="options">
      ${shown.map(one)}
      ${folded.length > 0 &&
      html`
        <details class="more" open=${open} onToggle=${(e) => setOpen(e.currentTarget.open)}>
          <summary>More options <span class="hint">${folded.length}</span></summary>
          <div class="options">${folded.map(one)}</div>
        </details>
      `}
    </div>
  `;
}
