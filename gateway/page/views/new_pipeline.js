/** Builds a pipeline: documents, then steps, where one's outputs are the next one's inputs. */
import { newKey } from "../api.js";
import { grouped, operations } from "../catalogue.js";
import { OptionsForm } from "../forms/options_form.js";
import { fieldsOf } from "../forms/schema.js";
import { initials, readAll } from "../forms/values.js";
import { bytes, kind } from "../format.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { useLoaded } from "../loaded.js";
import { go } from "../router.js";
import { upload } from "../upload.js";
import { Icon } from "../ui/icon.js";
import { Problem } from "../ui/problem.js";
import { Progress } from "../ui/progress.js";
import { announce, toast } from "../ui/toast.js";
import { Documents, typesOf } from "./start/documents.js";

const ANY = "application/octet-stream";
let number = 0;

/** The operations that can follow: they take something of what the step before makes, or all files that were chosen. */
function fitting(all, steps, documents) {
  const before = steps.at(-1)?.operation;
  if (!before) return grouped(all.filter((one) => one.inputs !== "none"), typesOf(documents), "");
  const next = all.filter((one) => one.inputs !== "none" && (one.accepts.includes(ANY) || before.produces.some((type) => one.accepts.includes(type))));
  return grouped(next, [], "");
}

export default function NewPipeline() {
  const { data, error, reload } = useLoaded(() => operations(), []);
  const [documents, setDocuments] = useState([]);
  const [steps, setSteps] = useState([]);
  const [keep, setKeep] = useState(false);
  const [problems, setProblems] = useState({});
  const [failure, setFailure] = useState(null);
  const [sent, setSent] = useState(null);
  const running = useRef(null);
  useEffect(() => () => running.current?.stop(), []);
  if (error) return html`<${Problem} error=${error}><button onClick=${reload}>Try again</button><//>`;
  if (!data) return null;

  function add(name) {
    const operation = data.find((one) => one.name === name);
    const fields = fieldsOf(operation.options);
    setSteps([...steps, { id: (number += 1), operation, fields, values: initials(fields), problems: {} }]);
    announce(`${operation.title} added as step ${steps.length + 1}.`);
  }
  const change = (id, name, value) =>
    setSteps((before) => before.map((one) => (one.id === id ? { ...one, values: { ...one.values, [name]: value }, problems: { ...one.problems, [name]: undefined } } : one)));

  async function submit(event) {
    event.preventDefault();
    setFailure(null);
    const read = steps.map((step) => readAll(step.fields, step.values));
    const checked = steps.map((step, index) => ({ ...step, problems: read[index].problems }));
    const missing = { ...(!documents.length && { file: "Choose at least one file." }), ...(!steps.length && { steps: "Add at least one step." }) };
    setSteps(checked);
    setProblems(missing);
    if (Object.keys(missing).length || read.some((one) => Object.keys(one.problems).length)) return announce("Some fields are wrong.");
    const form = new FormData();
    for (const one of documents) {
      if (one.file) form.append("file", one.file, one.name);
      else form.append("url", one.address);
    }
    form.append("steps", JSON.stringify(steps.map((step, index) => ({ operation: step.operation.name, options: read[index].options }))));
    form.append("keep_intermediate", String(keep));
    setSent({ sent: 0, total: 0 });
    running.current = upload("/v1/pipelines", form, newKey(), (gone, total) => setSent({ sent: gone, total }));
    try {
      go(`/pipelines/${(await running.current.done).id}`);
    } catch (refusal) {
      setSent(null);
      if (refusal.name === "AbortError") return toast("The upload was stopped.");
      setFailure(refusal);
      const ofStep = (index) =>
        Object.fromEntries(refusal.problems.filter((one) => one.field.startsWith(`steps.${index}.`)).map((one) => [one.field.split(".")[2], one.message]));
      setSteps(checked.map((step, index) => ({ ...step, problems: ofStep(index) })));
      setProblems(Object.fromEntries(refusal.problems.filter((one) => !one.field.startsWith("steps.")).map((one) => [one.field, one.message])));
    }
  }

  return html`
    <form class="stack loose submission" onSubmit=${submit} novalidate>
      <header class="stack tight">
        <h1>Several steps in one go</h1>
        <p class="lead">What one step makes goes into the next. If a step fails, the pipeline goes on from there when you say so.</p>
      </header>
      ${failure && html`<${Problem} error=${failure} />`}
      <div class="stack tight">
        <${Documents} documents=${documents} onChange=${setDocuments} ordered=${steps[0]?.operation.inputs === "many"} />
        ${problems.url && html`<p class="wrong" role="alert">${problems.url}</p>`}
        ${problems.file && html`<p class="wrong" role="alert">${problems.file}</p>`}
      </div>
      <section class="stack" aria-label="Steps">
        <h2>Steps</h2>
        ${steps.length > 0 &&
        html`
          <ol class="steps">
            ${steps.map(
              (step, index) => html`
                <li key=${step.id}>
                  <span class="step-number">${index + 1}</span>
                  <div class="grow stack">
                    <div class="row between">
                      <h3>${step.operation.title}</h3>
                      ${index === steps.length - 1 &&
                      html`<button type="button" class="quiet" onClick=${() => setSteps(steps.slice(0, -1))} aria-label=${`Remove step ${index + 1}, ${step.operation.title}`}><${Icon} name="close" /></button>`}
                    </div>
                    <p class="hint">${step.operation.summary} Makes ${step.operation.produces.map(kind).join(", ") || "no file"}.</p>
                    ${step.problems.operation && html`<p class="wrong" role="alert">${step.problems.operation}</p>`}
                    ${step.fields.length > 0 && html`<details open=${Object.values(step.problems).some(Boolean) || step.fields.some((one) => one.required)}><summary>Options</summary><${OptionsForm} fields=${step.fields} values=${step.values} problems=${step.problems} onChange=${(name, value) => change(step.id, name, value)} /></details>`}
                  </div>
                </li>
              `,
            )}
          </ol>
        `}
        <label class="field pick">
          <span class="label">${steps.length ? "Then" : "First"}</span>
          <select value="" onChange=${(e) => e.target.value && add(e.target.value)}>
            <option value="">Add a step …</option>
            ${fitting(data, steps, documents).map(
              (group) => html`<optgroup key=${group.title} label=${group.title}>${group.operations.map((one) => html`<option key=${one.name} value=${one.name}>${one.title}</option>`)}</optgroup>`,
            )}
          </select>
          ${problems.steps && html`<span class="wrong" role="alert">${problems.steps}</span>`}
        </label>
        <label class="switch"><input type="checkbox" role="switch" checked=${keep} onChange=${(e) => setKeep(e.target.checked)} /><span>Keep what the steps in between make</span></label>
      </section>
      ${sent
        ? html`
            <div class="card stack tight">
              <${Progress} label="Upload" percent=${sent.total ? (100 * sent.sent) / sent.total : null} text=${`${bytes(sent.sent)} of ${bytes(sent.total)} sent`} />
              <div><button type="button" onClick=${() => running.current?.stop()}>Stop the upload</button></div>
            </div>
          `
        : html`<div class="row"><button class="primary large">Start<${Icon} name="arrow" /></button></div>`}
    </form>
  `;
}
