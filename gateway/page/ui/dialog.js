/** A question before something that cannot be undone; the browser's own dialog keeps the focus inside. */
import { html, useEffect, useId, useRef } from "../html.js";

/** Shown while `open`. `onClose` is called for Escape and for the button that leaves all as it is. */
export function Dialog({ open, title, onClose, actions, children }) {
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    if (open && !element.current.open) element.current.showModal();
    if (!open && element.current.open) element.current.close();
  }, [open]);
  return html`
    <dialog ref=${element} aria-labelledby=${id} onClose=${onClose} onCancel=${onClose}>
      <h2 id=${id}>${title}</h2>
      <div class="dialog-body">${children}</div>
      <div class="row end">
        <button onClick=${onClose}>Leave it</button>
        ${actions}
      </div>
    </dialog>
  `;
}
