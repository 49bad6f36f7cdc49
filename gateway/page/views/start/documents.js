/** The documents of a submission: a place to drop them, and their list. */
import { typeOf } from "../../catalogue.js";
import { bytes } from "../../format.js";
import { html, useEffect, useId, useRef, useState } from "../../html.js";
import { Icon } from "../../ui/icon.js";
import { announce } from "../../ui/toast.js";

/** The media types of documents, as far as their names tell. */
export function typesOf(documents) {
  return [...new Set(documents.map((one) => (one.file ? one.file.type || typeOf(one.file.name) : typeOf(one.name))))];
}

let number = 0;
const entry = (file) => ({ id: (number += 1), file, name: file.name });

/** Takes the address of a document, which the server fetches. */
function FromAddress({ onAdd }) {
  const [address, setAddress] = useState("");
  const [problem, setProblem] = useState("");
  const id = useId();
  function add() {
    if (!/^https?:[/][/]./i.test(address.trim())) return setProblem("An address begins with http:// or https://");
    onAdd(address.trim());
    setAddress("");
    setProblem("");
    return undefined;
  }
  return html`
    <details class="more from-address">
      <summary>Or take a document from the internet</summary>
      <div class="field">
        <label class="label" for=${id}>Address of the document</label>
        <div class="row address">
          <input
            type="url" id=${id} value=${address} autocomplete="off" aria-invalid=${problem ? "true" : undefined}
            onInput=${(e) => setAddress(e.target.value)}
            onKeyDown=${(e) => {
              if (e.key !== "Enter") return;
              e.preventDefault();
              add();
            }}
          />
          <button type="button" onClick=${add}>Add</button>
        </div>
        ${problem && html`<p class="wrong" role="alert">${problem}</p>`}
        <p class="hint">The server fetches it when you send the job.</p>
      </div>
    </details>
  `;
}

/** The last part of an address, as far as it can be told. */
function nameOf(address) {
  return address.split(/[?#]/)[0].split("/").filter(Boolean).pop() ?? address;
}

/** `documents`: `{file, name}`, `{address, name}` or `{reference, name}` of an earlier job. `ordered`: their order matters. */
export function Documents({ documents, onChange, ordered = false, compact = false }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const id = useId();

  function add(files) {
    if (!files.length) return;
    onChange((before) => [...before, ...[...files].map(entry)]);
    announce(`${files.length} ${files.length === 1 ? "file" : "files"} added.`);
  }
  const dropped = useRef(add);
  dropped.current = add;

  // The whole window is the target: a file that misses the box would otherwise replace the page.
  useEffect(() => {
    const hover = (event) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const drop = (event) => {
      event.preventDefault();
      setOver(false);
      dropped.current(event.dataTransfer?.files ?? []);
    };
    const paste = (event) => dropped.current(event.clipboardData?.files ?? []);
    const listeners = { dragover: hover, dragleave: hover, drop, paste };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, []);

  function move(index, by) {
    const next = [...documents];
    [next[index], next[index + by]] = [next[index + by], next[index]];
    onChange(next);
  }

  const small = compact || documents.length > 0;
  return html`
    <section class="stack tight" aria-label="Documents">
      <label class=${`drop ${over ? "over" : ""} ${small ? "small" : ""}`} for=${id}>
        <input
          ref=${input} id=${id} class="unseen" type="file" multiple
          onChange=${(e) => {
            add(e.target.files);
            e.target.value = "";
          }}
        />
        <${Icon} name="upload" />
        <span class="drop-words">
          <strong>${documents.length ? "Add more files" : "Drop files here, or choose them"}</strong>
          ${!small && html`<span class="hint">PDF, scans and photographs, office documents, text</span>`}
        </span>
      </label>
      ${documents.length > 0 &&
      html`
        <ol class="files" aria-label="Chosen documents">
          ${documents.map(
            (one, index) => html`
              <li key=${one.id ?? one.address ?? one.reference}>
                <${Icon} name="file" />
                <span class="grow wrap">${one.name}</span>
                <span class="hint numbers">${one.file ? bytes(one.file.size) : one.address ? "from the internet" : "on the server"}</span>
                ${ordered &&
                html`
                  <button type="button" class="quiet" disabled=${index === 0} onClick=${() => move(index, -1)} aria-label=${`Move ${one.name} up`}>
                    <${Icon} name="up" />
                  </button>
                  <button type="button" class="quiet" disabled=${index === documents.length - 1} onClick=${() => move(index, 1)} aria-label=${`Move ${one.name} down`}>
                    <${Icon} name="down" />
                  </button>
                `}
                <button type="button" class="quiet" aria-label=${`Remove ${one.name}`} onClick=${() => onChange(documents.filter((other) => other !== one))}>
                  <${Icon} name="close" />
                </button>
              </li>
            `,
          )}
        </ol>
      `}
      <${FromAddress} onAdd=${(address) => onChange((before) => [...before, { id: (number += 1), address, name: nameOf(address) }])} />
    </section>
  `;
}
