/** The last step before a job: the documents, the options, the button; then how much has gone. */
import { newKey } from "../../api.js";
import { takes } from "../../catalogue.js";
import { OptionsForm } from "../../forms/options_form.js";
import { fieldsOf } from "../../forms/schema.js";
import { initials, readAll } from "../../forms/values.js";
import { bytes, kind } from "../../format.js";
import { html, useEffect, useMemo, useRef, useState } from "../../html.js";
import { go, link } from "../../router.js";
import { upload } from "../../upload.js";
import { Icon } from "../../ui/icon.js";
import { Problem } from "../../ui/problem.js";
import { Progress } from "../../ui/progress.js";
import { announce, toast } from "../../ui/toast.js";
import { chosen } from "../start.js";
import { Documents, typesOf } from "./documents.js";

function formOf(documents, options, password) {
  const form = new FormData();
  for (const one of documents) {
    if (one.file) form.append("file", one.file, one.name);
    else if (one.address) form.append("url", one.address);
    else form.append("job", one.reference);
  }
  if (Object.keys(options).length) form.append("options", JSON.stringify(options));
  if (password) form.append("password", password);
  return form;
}

export function Submission({ operation, documents, onDocuments, onBack }) {
  const fields = useMemo(() => fieldsOf(operation.options), [operation]);
  const [values, setValues] = useState(() => initials(fields));
  const [problems, setProblems] = useState({});
  const [password, setPassword] = useState("");
  const [error, setError] = useState(null);
  const [sent, setSent] = useState(null);
  const running = useRef(null);
  const top = useRef(null);
  useEffect(() => () => running.current?.stop(), []);

  const needsFiles = operation.inputs !== "none";
  const misfits = needsFiles && documents.length > 0 && !takes(operation, typesOf(documents));

  function change(name, value) {
    setValues((before) => ({ ...before, [name]: value }));
    setProblems(({ [name]: _, ...others }) => others);
  }

  async function submit(event) {
    event.preventDefault();
    setError(null);
    const found = readAll(fields, values);
    if (needsFiles && !documents.length) found.problems.file = "Choose at least one file.";
    setProblems(found.problems);
    if (Object.keys(found.problems).length) {
      announce("Some fields are wrong.");
      return requestAnimationFrame(() => top.current?.querySelector("[aria-invalid=true], .wrong")?.scrollIntoView({ block: "center" }));
    }
    setSent({ sent: 0, total: documents.reduce((sum, one) => sum + (one.file?.size ?? 0), 0) });
    running.current = upload(`/v1/${operation.name}`, formOf(documents, found.options, password), newKey(), (sent, total) =>
      setSent({ sent, total }),
    );
    try {
      const record = await running.current.done;
      chosen.value = [];
      go(record.jobs ? `/batches/${record.id}` : `/jobs/${record.id}`);
    } catch (failure) {
      setSent(null);
      if (failure.name === "AbortError") return toast("The upload was stopped.");
      const at = Object.fromEntries(failure.problems.map((one) => [one.field.split(".")[0], one.message]));
      setProblems(at);
      setError(failure);
    } finally {
      running.current = null;
    }
  }

  const many = documents.length > 1 && operation.inputs === "one";
  return html`
    <form class="stack loose submission" onSubmit=${submit} ref=${top} novalidate>
      <header class="stack tight">
        <a class="back" href=${link("/")} onClick=${(event) => { event.preventDefault(); onBack(); }}><${Icon} name="back" />All operations</a>
        <h1>${operation.title}</h1>
        <p class="lead">${operation.summary}</p>
      </header>
      ${error && html`<${Problem} error=${error} />`}
      ${needsFiles &&
      html`
        <div class="stack tight">
          <${Documents} documents=${documents} onChange=${onDocuments} ordered=${operation.inputs === "many"} compact=${false} />
          ${problems.file && html`<p class="wrong" role="alert">${problems.file}</p>`}
          ${problems.url && html`<p class="wrong" role="alert">${problems.url}</p>`}
          ${problems.job && html`<p class="wrong" role="alert">${problems.job}</p>`}
          ${misfits &&
          html`<p class="wrong">Some files do not fit: ${operation.title} takes ${operation.accepts.map(kind).join(", ")}.</p>`}
          ${many && html`<p class="hint">Each file becomes a job of its own; together they are a batch.</p>`}
        </div>
      `}
      ${fields.length > 0 &&
      html`
        <section class="card stack" aria-labelledby="options-title">
          <h2 id="options-title">Options</h2>
          <${OptionsForm} fields=${fields} values=${values} problems=${problems} onChange=${change} />
        </section>
      `}
      ${needsFiles &&
      html`
        <details class="more" open=${Boolean(problems.password) || error?.code?.includes("password") || undefined}>
          <summary>The document has a password</summary>
          <label class="field password">
            <span class="label">Password of the document</span>
            <input type="password" autocomplete="off" value=${password} onInput=${(e) => setPassword(e.target.value)} />
            <span class="hint">Kept encrypted, and erased when the job ends.</span>
            ${problems.password && html`<span class="wrong" role="alert">${problems.password}</span>`}
          </label>
        </details>
      `}
      ${sent
        ? html`
            <div class="card stack tight">
              <${Progress}
                label="Upload" percent=${sent.total ? (100 * sent.sent) / sent.total : null}
                text=${sent.sent < sent.total ? `${bytes(sent.sent)} of ${bytes(sent.total)} sent` : "All is sent; the server looks at it."}
              />
              <div><button type="button" onClick=${() => running.current?.stop()}>Stop the upload</button></div>
            </div>
          `
        : html`<div class="row"><button class="primary large">${operation.title}<${Icon} name="arrow" /></button></div>`}
    </form>
  `;
}
