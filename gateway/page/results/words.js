/** The words that were read on a page, each with its box over the page. */
import { get } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { inputOf, outputOf, quick } from "../preview.js";
import { Problem } from "../ui/problem.js";
import { Pager, Sheet, usePage } from "./sheet.js";

/** Below this the reader was not sure, in percent. */
const SURE_PERCENT = 85;

/** The file with words and boxes among the outputs, if the job was asked for one. */
export function wordsFile(job) {
  return job.outputs.find((one) => one.url && one.media_type === "application/json");
}

async function pageOf(job, page) {
  const file = wordsFile(job);
  if (file) {
    const read = await get(file.url);
    // A preview's file is the one page that it is of.
    if (!read.pages) return { page: read, count: 1 };
    return { page: read.pages.find((one) => one.page === page), count: Math.max(...read.pages.map((one) => one.page), 1) };
  }
  const made = await quick("ocr-preview", inputOf(job), { page, languages: job.options.languages ?? "auto" });
  const found = await get(made.outputs.find((one) => one.media_type === "application/json").url);
  return { page: found, count: made.result.document_pages };
}

/** What lies behind the words: the PDF that was made shows them where they were read, also where pages were turned. */
function ground(job) {
  const made = job.outputs.find((one) => one.url && one.media_type === "application/pdf");
  return made && wordsFile(job) ? outputOf(job, made) : inputOf(job);
}

export function Words({ job }) {
  const [number, setNumber] = useState(job.result?.page ?? 1);
  const [asked, setAsked] = useState(Boolean(wordsFile(job)) || job.operation === "ocr-preview");
  const [found, setFound] = useState({});
  const [active, setActive] = useState(null);
  const state = usePage(asked ? ground(job) : null, number, 1600);
  useEffect(() => {
    if (!asked) return undefined;
    let current = true;
    pageOf(job, number).then((read) => current && setFound(read), (error) => current && setFound({ error }));
    return () => (current = false);
  }, [asked, number]);

  if (!asked) {
    return html`
      <section class="row"><button onClick=${() => setAsked(true)}>Show the words that were found</button></section>
    `;
  }
  const page = found.page;
  const lines = page?.lines ?? [];
  const words = lines.flatMap((line, row) => line.words.map((word, index) => ({ ...word, key: `${row}-${index}` })));
  const unsure = words.filter((word) => word.confidence_percent < SURE_PERCENT).length;
  return html`
    <section class="stack" aria-label="Words">
      <div class="row between"><h2>Words on the page</h2><${Pager} page=${number} pages=${found.count} onPage=${setNumber} /></div>
      ${found.error && html`<${Problem} error=${found.error} />`}
      <div class="beside">
        <${Sheet} state=${state} label="The page that was read">
          ${page &&
          html`
            <svg class="boxes" viewBox=${`0 0 ${page.width_pixels} ${page.height_pixels}`} preserveAspectRatio="none" aria-hidden="true">
              ${words.map(
                (word) => html`
                  <polygon
                    key=${word.key} points=${word.corners.map((point) => point.join(",")).join(" ")}
                    class=${`${word.confidence_percent < SURE_PERCENT ? "unsure" : ""} ${active === word.key ? "active" : ""}`}
                    onPointerEnter=${() => setActive(word.key)} onPointerLeave=${() => setActive(null)}
                  />
                `,
              )}
            </svg>
          `}
        <//>
        <div class="stack tight">
          <p class="hint">
            ${words.length} words${page?.mean_confidence_percent != null && `, read with ${Math.round(page.mean_confidence_percent)} % confidence on average`}.
            ${unsure > 0 && html` ${unsure} are <mark class="unsure">not certain</mark>.`}
          </p>
          <div class="read-text" tabindex="0" role="region" aria-label="Text of the page">
            ${lines.map(
              (line, row) => html`
                <p key=${row}>
                  ${line.words.map(
                    (word, index) => html`
                      <span
                        key=${index}
                        class=${`word ${word.confidence_percent < SURE_PERCENT ? "unsure" : ""} ${active === `${row}-${index}` ? "active" : ""}`}
                        title=${`${Math.round(word.confidence_percent)} % confidence`}
                        onPointerEnter=${() => setActive(`${row}-${index}`)} onPointerLeave=${() => setActive(null)}
                      >${word.text}</span>${" "}
                    `,
                  )}
                </p>
              `,
            )}
            ${page && !lines.length && html`<p>No text was found on this page.</p>`}
          </div>
        </div>
      </div>
    </section>
  `;
}
