// A modal dialog: the browser keeps the focus in it, closes it by Esc, and returns the focus.
import { html, useLayoutEffect, useRef } from "../libraries/preact.js";
import { LiveRegion, openDialogs } from "./announce.js";
import { t } from "./language.js";

export function Dialog({ title, onClose, children }) {
  const element = useRef(null);
  const isGone = useRef(false);
  // Its element closes after it has left the page, too, which is no wish of the user.
  const close = () => isGone.current || onClose();
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog.showModal();
    openDialogs.set((count) => count + 1);
    return () => {
      isGone.current = true;
      openDialogs.set((count) => count - 1);
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return html`
    <dialog ref=${element} aria-labelledby="dialog-title" onClose=${close} onCancel=${close}>
      <div class="head">
        <h2 id="dialog-title">${title}</h2>
        <button type="button" class="link" onClick=${close}>${t("close")}</button>
      </div>
      ${children}
      <${LiveRegion} isInDialog />
    </dialog>
  `;
}
