/** The operations of the server: asked once, grouped and named for people. */
import { get } from "./api.js";
import { words } from "./format.js";

/** Groups in the order in which most people look for them; a service that is not named here follows with its own name. */
const GROUPS = {
  compression: "Make smaller",
  ocr: "Read scans",
  conversion: "Convert and look inside",
  ai: "Extract figures and ask",
  file_ops: "Pages and whole files",
  maintenance: "Housekeeping of the server",
};
/** What most people come for, in this order; the rest follows by name. */
const FIRST = [
  "compress", "ocr", "convert", "merge", "split", "extract-invoice", "extract-bank-statement", "extract-receipt",
  "rotate", "delete-pages", "protect", "unlock", "redact", "watermark",
];
const ANY = "application/octet-stream";

let asked = null;

/** All operations. Raises ApiError. */
export function operations() {
  asked ??= get("/v1/operations").then(
    (answer) => answer.operations.map((one) => ({ ...one, title: words(one.name), group: GROUPS[one.queue] ?? words(one.queue) })),
    (error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** One operation by its name, or undefined. */
export async function operation(name) {
  return (await operations()).find((one) => one.name === name);
}

/** Whether an operation takes files of all these types; unknown types ("") are left to the server. */
export function takes(one, types) {
  if (one.inputs === "none") return types.length === 0;
  if (one.accepts.includes(ANY)) return types.length === 0 || types.some((type) => type === "" || one.accepts.includes(type));
  return types.every((type) => type === "" || one.accepts.includes(type));
}

/** `[{title, operations}]`, those used most first; `search` must stand in the name or the summary. */
export function grouped(all, types, search) {
  const wanted = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const place = (one) => (FIRST.includes(one.name) ? FIRST.indexOf(one.name) : FIRST.length);
  const found = all
    .filter((one) => takes(one, types))
    .filter((one) => wanted.every((word) => `${one.name} ${one.title} ${one.summary} ${one.group}`.toLowerCase().includes(word)))
    .sort((a, b) => place(a) - place(b) || a.title.localeCompare(b.title));
  const groups = new Map(Object.values(GROUPS).map((title) => [title, []]));
  for (const one of found) {
    if (!groups.has(one.group)) groups.set(one.group, []);
    groups.get(one.group).push(one);
  }
  return [...groups].filter(([, list]) => list.length).map(([title, list]) => ({ title, operations: list }));
}

const BY_SUFFIX = {
  pdf: "application/pdf", png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", tif: "image/tiff", tiff: "image/tiff",
  webp: "image/webp", bmp: "image/bmp", gif: "image/gif", txt: "text/plain", html: "text/html", htm: "text/html",
  md: "text/markdown", csv: "text/csv", json: "application/json", xml: "application/xml",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  odt: "application/vnd.oasis.opendocument.text", ods: "application/vnd.oasis.opendocument.spreadsheet",
  odp: "application/vnd.oasis.opendocument.presentation",
};

/** The type of a file by its name; "" when the name does not tell. The server looks at the first bytes. */
export function typeOf(name) {
  return BY_SUFFIX[name.toLowerCase().split(".").pop()] ?? "";
}
