/** What stands in a form, checked and turned into what the server takes. */

const PAGE_RANGE = /^\s*(odd|even|-?\d+(\s*-\s*-?\d*)?)(\s*,\s*(odd|even|-?\d+(\s*-\s*-?\d*)?))*\s*$/;

/** What a field holds before anybody has touched it. */
export function initial(field) {
  if (field.kind === "object") return field.initial ? { ...initials(field.fields), ...field.initial } : initials(field.fields);
  if (field.kind === "set") return field.initial ?? [];
  if (field.kind === "list") return (field.initial ?? []).join("\n");
  if (field.kind === "records") return field.initial ?? [];
  if (field.kind === "json") return field.initial == null ? "" : JSON.stringify(field.initial, null, 2);
  if (field.kind === "switch") return field.initial ?? false;
  return field.initial == null ? "" : String(field.initial);
}

/** The values of untouched fields, by name. */
export function initials(fields) {
  return Object.fromEntries(fields.map((field) => [field.name, initial(field)]));
}

/** `{value}` for the server (undefined: leave it to the default), or `{problem}`: a sentence. */
export function read(field, held) {
  if (field.kind === "switch") return { value: held };
  if (field.kind === "set") return { value: held };
  if (field.kind === "object") return readObject(field, held);
  if (field.kind === "records") return readRecords(field, held);
  const text = typeof held === "string" ? held : String(held ?? "");
  if (text.trim() === "") return field.required ? { problem: "This is needed." } : { value: undefined };
  if (field.kind === "integer" || field.kind === "number") return readNumber(field, text);
  if (field.kind === "json") return readJson(text);
  if (field.kind === "list") {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const bad = field.pages && lines.find((line) => !PAGE_RANGE.test(line));
    return bad ? { problem: `“${bad}” names no pages.` } : { value: lines };
  }
  if (field.kind === "pages" && !PAGE_RANGE.test(text)) return { problem: "Pages are written like 1-3,5,-1." };
  if (field.kind === "moment") return readMoment(text);
  const { minLength, maxLength } = field.schema;
  if (minLength && text.length < minLength) return { problem: `At least ${minLength} characters.` };
  if (maxLength && text.length > maxLength) return { problem: `At most ${maxLength} characters.` };
  return { value: text };
}

function readNumber(field, text) {
  const value = Number(text.replace(",", "."));
  if (Number.isNaN(value)) return { problem: "A number is wanted." };
  if (field.kind === "integer" && !Number.isInteger(value)) return { problem: "A whole number is wanted." };
  if (field.least != null && value < field.least) return { problem: `At least ${field.least}.` };
  if (field.most != null && value > field.most) return { problem: `At most ${field.most}.` };
  return { value };
}

function readJson(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "This is not JSON. Texts stand in double quotes, lists in [ ], objects in { }." };
  }
}

function readMoment(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? { problem: "A date and a time are wanted." } : { value: at.toISOString() };
}

function readObject(field, held) {
  const value = {};
  let touched = false;
  for (const each of field.fields) {
    const found = read(each, held[each.name]);
    if (found.problem && (touched || held[each.name])) return { problem: `${each.label}: ${found.problem}` };
    if (found.value !== undefined && JSON.stringify(held[each.name]) !== JSON.stringify(initial(each))) touched = true;
    if (found.value !== undefined) value[each.name] = found.value;
  }
  if (!touched && !field.required) return { value: undefined };
  const missing = field.fields.find((each) => each.required && value[each.name] === undefined);
  return missing ? { problem: `${missing.label} is needed.` } : { value };
}

function readRecords(field, held) {
  const value = [];
  for (const [index, row] of held.entries()) {
    const found = readObject({ ...field, required: true }, row);
    if (found.problem) return { problem: `Row ${index + 1}: ${found.problem}` };
    value.push(found.value);
  }
  if (!value.length && field.required) return { problem: "At least one is needed." };
  return { value: value.length ? value : undefined };
}

/** `{options, problems}` of a whole form: only what differs from the defaults; problems by name. */
export function readAll(fields, values) {
  const options = {};
  const problems = {};
  for (const field of fields) {
    const found = read(field, values[field.name]);
    if (found.problem) problems[field.name] = found.problem;
    else if (found.value !== undefined && JSON.stringify(found.value) !== JSON.stringify(field.initial)) options[field.name] = found.value;
  }
  return { options, problems };
}
