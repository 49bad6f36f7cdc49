/** Says numbers, sizes and times as people read them. */

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** 1234567 -> "1.2 MB" (a kB is 1000 bytes). */
export function bytes(count) {
  if (count == null) return "–";
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return count === 1 ? "1 byte" : `${count} bytes`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** 75.3 -> "1 min 15 s". */
export function seconds(length_s) {
  if (length_s == null) return "–";
  if (length_s < 0.995) return `${Math.round(length_s * 1000)} ms`;
  if (length_s < 9.95) return `${length_s.toFixed(1)} s`;
  if (length_s < 59.5) return `${Math.round(length_s)} s`;
  const whole = Math.round(length_s);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} days`;
}

/** 1234567 -> "1,234,567" in the reader's own way. */
export function number(value) {
  return value == null ? "–" : value.toLocaleString();
}

/** 12.345 -> "12 %"; small ones keep a digit. */
export function percent(value) {
  return `${Math.abs(value) < 9.95 && value % 1 ? value.toFixed(1) : Math.round(value)} %`;
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "long" });
const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Infinity],
];

/** "3 minutes ago"; `at` is ISO 8601. */
export function ago(at) {
  let value = (Date.parse(at) - Date.now()) / 1000;
  if (Number.isNaN(value)) return "–";
  if (Math.abs(value) < 5) return "just now";
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return RELATIVE.format(Math.round(value), unit);
    value /= size;
  }
  return "–";
}

/** The full date and time, in the reader's own way. */
export function moment(at) {
  return at ? new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }) : "–";
}

const ACRONYMS = { ocr: "OCR", pdf: "PDF", dpi: "DPI", json: "JSON", csv: "CSV", xlsx: "Excel", ai: "AI", hocr: "hOCR", iban: "IBAN", bic: "BIC", vat: "VAT", id: "ID", url: "URL", xmp: "XMP", cpu: "CPU", jpeg: "JPEG" };

/** `jpeg_quality_percent` -> "Jpeg quality percent", `ocr-preview` -> "OCR preview". */
export function words(name) {
  const parts = String(name).split(/[-_\s]+/).filter(Boolean);
  const said = parts.map((part) => ACRONYMS[part.toLowerCase()] ?? part);
  const text = said.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const KINDS = {
  "application/pdf": "PDF",
  "text/plain": "Text",
  "text/html": "HTML",
  "text/csv": "CSV",
  "text/markdown": "Markdown",
  "application/json": "JSON",
  "application/xml": "XML",
  "application/zip": "ZIP",
  "application/octet-stream": "any file",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
  "application/vnd.oasis.opendocument.text": "OpenDocument text",
  "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheet",
  "application/vnd.oasis.opendocument.presentation": "OpenDocument slides",
};

/** "application/pdf" -> "PDF". */
export function kind(mediaType) {
  if (KINDS[mediaType]) return KINDS[mediaType];
  const last = (mediaType ?? "").split("/").pop() ?? "";
  return last.replace(/^(x-|vnd\.)/, "").toUpperCase();
}
