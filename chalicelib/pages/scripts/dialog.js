// A modal dialog: the browser keeps the focus in it, closes it by Esc, and returns the focus.
import { html, useLayoutEffect, useRef } from "../libraries/preact.js";
import { t } from "./language.js";

export function Dialog({ title, onClose, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return html`
    <dialog ref=${element} aria-labelledby="dialog-title" onClose=${onClose} onCancel=${onClose}>
      <header>
        <h2 id="dialog-title">${title}</h2>
        <button type="button" class="link" onClick=${onClose}>${t("close")}</button>
      </header>
      ${children}
    </dialog>
  `;
}
