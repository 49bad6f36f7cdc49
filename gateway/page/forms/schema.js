/** Turns the JSON Schema of an operation's options into the fields of a form. */
import { words } from "../format.js";

/** How many options are shown before "More options". */
const SHOWN = 3;
/** Consents to losing something: asked for when the server says that it is needed, so that they stand last. */
const LAST = /^(break_signature|force|priority)$/;

function resolved(schema, definitions) {
  let found = schema;
  while (found.$ref) {
    const { $ref, ...own } = found;
    found = { ...definitions[$ref.split("/").pop()], ...own };
  }
  return found;
}

/** The schema without `null` among its choices, and whether null was one. */
function without_null(schema, definitions) {
  const found = resolved(schema, definitions);
  if (!found.anyOf) return { schema: found, optional: false };
  const kept = found.anyOf.map((one) => resolved(one, definitions)).filter((one) => one.type !== "null");
  const { anyOf, ...own } = found;
  if (kept.length === 1) return { schema: { ...kept[0], ...own }, optional: kept.length < anyOf.length };
  return { schema: { ...own, several: kept }, optional: kept.length < anyOf.length };
}

/** What each choice of an enum means, where the description says "name: sentence." for it; the rest is for all. */
function explained(choices, text) {
  const found = {};
  const rest = [];
  const starts = choices
    .map((choice) => ({ choice, at: ` ${text}`.search(new RegExp(`[\\s;]${escaped(String(choice))}: `)) }))
    .filter((one) => one.at >= 0)
    .sort((a, b) => a.at - b.at);
  if (starts.length < 2) return { choices: {}, help: text };
  if (starts[0].at > 0) rest.push(text.slice(0, starts[0].at).replace(/[;\s]+$/, ""));
  for (const [index, { choice, at }] of starts.entries()) {
    const said = text.slice(at, starts[index + 1]?.at ?? text.length).trim();
    found[choice] = sentence(said.slice(String(choice).length + 1).replace(/[;\s]+$/, "").trim());
  }
  return { choices: found, help: rest.join(" ") };
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Texts of several lines; others are titles and names, however long they may be. */
const LONG = /instructions|question/;
const PAGES = / ?Pages count from 1;.*$/;

/**
 * One field: `{name, label, help, kind, required, optional, initial, ...limits}`. `kind` is one of choice, switch,
 * integer, number, text, long, secret, colour, pages, moment, set (of choices), list (of texts), object, json.
 */
function field(name, given, definitions, required) {
  const { schema, optional } = without_null(given, definitions);
  const text = given.description ?? schema.description ?? "";
  const common = {
    name, required, optional,
    label: words(name),
    help: text.toLowerCase() === `${words(name).toLowerCase()}.` ? "" : text,
    initial: given.default ?? null,
    schema,
  };
  if (schema.enum) return { ...common, kind: "choice", options: schema.enum, ...named(explained(schema.enum, text)) };
  if (schema.several) return { ...common, kind: "json" };
  if (schema.type === "boolean") return { ...common, kind: "switch" };
  if (schema.type === "integer" || schema.type === "number") {
    const limits = { least: schema.minimum ?? schema.exclusiveMinimum, most: schema.maximum ?? schema.exclusiveMaximum };
    return { ...common, kind: schema.type, unit: unitOf(name), ...limits };
  }
  if (schema.type === "string") return { ...common, ...ofText(name, schema, text) };
  if (schema.type === "array") return { ...common, ...ofList(schema, definitions, text) };
  if (schema.type === "object" && schema.properties) {
    return { ...common, kind: "object", fields: fieldsOf(schema, definitions) };
  }
  return { ...common, kind: "json" };
}

function named({ choices, help }) {
  return { meanings: choices, help };
}

function ofText(name, schema, text) {
  if (schema.writeOnly || schema.format === "password") return { kind: /one per line/i.test(text) ? "secret-lines" : "secret" };
  if (schema.format === "date-time") return { kind: "moment" };
  if (schema.pattern === "^#[0-9a-fA-F]{6}$") return { kind: "colour" };
  if (PAGES.test(text)) return { kind: "pages", help: text.replace(PAGES, "") };
  return { kind: LONG.test(name) && (schema.maxLength ?? 0) >= 1000 ? "long" : "text" };
}

function ofList(schema, definitions, text) {
  const items = resolved(schema.items ?? {}, definitions);
  if (items.enum) return { kind: "set", options: items.enum };
  const item = without_null(schema.items ?? {}, definitions).schema;
  if (item.type === "string") {
    const pages = PAGES.test(text);
    return { kind: "list", pages, help: text.replace(PAGES, "") };
  }
  if (item.type === "object" && item.properties && Object.values(item.properties).every(isPlain)) {
    return { kind: "records", fields: fieldsOf(item, definitions) };
  }
  return { kind: "json" };
}

function isPlain(schema) {
  return ["string", "integer", "number", "boolean"].includes(schema.type) && !schema.enum;
}

function unitOf(name) {
  const units = { bytes: "bytes", percent: "%", dpi: "dpi", pixels: "pixels", points: "points", degrees: "°", hours: "hours", days: "days" };
  return units[name.split("_").pop()] ?? "";
}

/** All fields of a schema, in its order. */
export function fieldsOf(schema, definitions = schema.$defs ?? {}) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, each]) => field(name, each, definitions, required.includes(name)));
}

/** `[shown, folded]`: required ones and the first few, and the others. */
export function arranged(fields) {
  const weight = (one) => (one.required ? 0 : LAST.test(one.name) ? 3 : ["json", "object"].includes(one.kind) ? 2 : 1);
  const sorted = fields.map((one, index) => ({ one, index })).sort((a, b) => weight(a.one) - weight(b.one) || a.index - b.index);
  const list = sorted.map(({ one }) => one);
  const required = list.filter((one) => one.required).length;
  const plain = list.filter((one) => weight(one) <= 1).length;
  // One or two more are no reason to hide anything.
  const shown = Math.max(required, plain <= SHOWN + 2 ? plain : SHOWN);
  return [list.slice(0, shown), list.slice(shown)];
}
