// Shortcut keys; single letters can be switched off (WCAG 2.2, 2.1.4).
import { html, useLayoutEffect, useState } from "../libraries/preact.js";
import { address, setAddress, VIEWS } from "./address.js";
import { Dialog } from "./dialog.js";
import { t } from "./language.js";
import { createStore, useStore } from "./store.js";

const isOn = createStore(true);
const VIEW_LETTERS = { h: "today", m: "month", l: "entries", d: "days", b: "bank", c: "accountant" };
const SECOND_KEY_MS = 1_500;

/** Listens to the keys of the page, and shows their list. */
export function Keys() {
  const [isListed, setListed] = useState(false);
  const on = useStore(isOn);
  useLayoutEffect(() => {
    let firstKeyAt = 0;
    const press = (event) => {
      if (event.key === "Escape") leaveField(event.target);
      if (!isShortcut(event)) return;
      if (event.key === "?") setListed(true);
      else if (!on) return;
      else if (Date.now() - firstKeyAt < SECOND_KEY_MS && VIEWS.includes(VIEW_LETTERS[event.key])) {
        setAddress({ view: VIEW_LETTERS[event.key], filters: {} });
      } else if (event.key === "n") focusIn("today", "new");
      else if (event.key === "/") focusIn("entries", "search");
      else if (event.key === "[") document.querySelector('[data-key="before"]')?.click();
      else if (event.key === "]") document.querySelector('[data-key="after"]')?.click();
      else {
        firstKeyAt = event.key === "g" ? Date.now() : 0;
        return;
      }
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [on]);
  return html`
    <button type="button" class="link" onClick=${() => setListed(true)}>${t("keys")}</button>
    ${isListed && html`<${KeyList} on=${on} onClose=${() => setListed(false)} />`}
  `;
}

function KeyList({ on, onClose }) {
  const views = VIEWS.map((view) => {
    const [letter] = Object.entries(VIEW_LETTERS).find(([, name]) => name === view);
    return [`g ${letter}`, t(view)];
  });
  const keys = [["n", t("keyNew")], ["/", t("keySearch")], ["[ ]", t("keyMonths")], ...views, ["Esc", t("keyLeave")], ["?", t("keyHelp")]];
  return html`
    <${Dialog} title=${t("keys")} onClose=${onClose}>
      <label class="check">
        <input type="checkbox" checked=${on} onChange=${(event) => isOn.set(event.currentTarget.checked)} />
        ${t("keysSwitch")}
      </label>
      <dl class="details">
        ${keys.map(([key, text]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}
      </dl>
    </${Dialog}>
  `;
}

function isShortcut(event) {
  const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, dialog");
  return !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
}

// So that keys work again after typing; a search field is emptied first, by the browser.
function leaveField(target) {
  const isFilledSearch = target.type === "search" && target.value;
  if (target.matches("input, textarea") && !target.closest("dialog") && !isFilledSearch) target.blur();
}

function focusIn(view, name) {
  if (address.get().view !== view) setAddress({ view, filters: {} });
  // Preact draws the view in a microtask, and this one comes after it.
  queueMicrotask(() => document.querySelector(`[data-key="${name}"]`)?.focus());
}
