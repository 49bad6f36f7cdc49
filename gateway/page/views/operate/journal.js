/** What operators did: when, who, what, to what. */
import { get } from "../../api.js";
import { words } from "../../format.js";
import { html, useState } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { Frame } from "../../operate/frame.js";
import { Pages } from "../../operate/pages.js";
import { Table } from "../../ui/table.js";
import { When } from "../../ui/when.js";

const EVERY_MS = 10_000;

/** `queue.paused` -> "Queue paused". */
function action(line) {
  return words(line.action.replaceAll(".", " "));
}

function plain(value) {
  return value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${plain(one)}`).join(", ") : String(value);
}

function Details({ details }) {
  const named = Object.entries(details).filter(([, value]) => value != null && value !== "");
  if (!named.length) return "–";
  return html`
    <ul class="pairs">
      ${named.map(([name, value]) => html`<li key=${name}><span class="hint">${words(name)}</span> <span class="wrap">${plain(value)}</span></li>`)}
    </ul>
  `;
}

const COLUMNS = [
  { key: "at", label: "When", cell: (line) => html`<${When} at=${line.at} />` },
  { key: "actor", label: "Who", cell: (line) => html`<span class="wrap">${line.actor}</span>` },
  { key: "action", label: "What", cell: (line) => html`<strong>${action(line)}</strong>` },
  { key: "details", label: "Details", cell: (line) => html`<${Details} details=${line.details} />` },
];

export default function Journal() {
  const [cursor, setCursor] = useState(null);
  const { data, error } = useLoaded((signal) => get("/v1/journal", { query: { cursor }, signal }), [cursor], { every_ms: EVERY_MS });
  return html`
    <${Frame} title="Journal" lead="What operators did to the platform, the latest first." error=${error}>
      ${data &&
      html`
        <${Table} columns=${COLUMNS} rows=${data.journal} caption="Journal of operators" empty="Nobody has done anything yet." />
        <${Pages} cursor=${cursor} next=${data.next_cursor} go=${setCursor} first="Latest" older="Earlier" />
      `}
    <//>
  `;
}
