/** What can be done with a result: it becomes the input of the next job, without a download. */
import { operations, takes } from "../../catalogue.js";
import { html } from "../../html.js";
import { useLoaded } from "../../loaded.js";
import { link } from "../../router.js";

/** Offered at once, if they fit; all others are one step away. */
const OFTEN = ["compress", "ocr", "convert", "merge", "split", "protect", "rotate", "extract-tables", "extract-text"];
const SHOWN = 5;

export function NextSteps({ job }) {
  const { data } = useLoaded(() => operations(), []);
  const types = [...new Set(job.outputs.filter((one) => one.url).map((one) => one.media_type))];
  if (!data || !types.length) return null;
  const fitting = data.filter((one) => one.inputs !== "none" && one.name !== job.operation && types.some((type) => takes(one, [type])));
  const often = OFTEN.map((name) => fitting.find((one) => one.name === name)).filter(Boolean).slice(0, SHOWN);
  if (!fitting.length) return null;
  const name = job.outputs.length === 1 ? job.outputs[0].name : `${job.outputs.length} files of ${job.operation}`;
  const query = `?${new URLSearchParams({ job: job.id, name })}`;
  return html`
    <section class="stack tight" aria-labelledby="next">
      <h2 id="next">Do the next step with it</h2>
      <div class="row">
        ${often.map((one) => html`<a key=${one.name} class="button" href=${link(`/do/${one.name}${query}`)}>${one.title}</a>`)}
        <a class="button quiet" href=${link(`/${query}`)}>Something else …</a>
      </div>
    </section>
  `;
}
