// What happened, for screen readers: one polite live region of the page.
import { html } from "../libraries/preact.js";
import { createStore, useStore } from "./store.js";

const announced = createStore("");
/** How many modal dialogs are open; while one is, nothing outside of it is announced. */
export const openDialogs = createStore(0);

/** Let screen readers say this; it is also shown for some seconds. */
export function announce(text) {
  announced.set("");
  setTimeout(() => announced.set(text), 50);
  setTimeout(() => announced.set((now) => (now === text ? "" : now)), 6_000);
}

/** The page has one, and each dialog; the one in front has the text. */
export function LiveRegion({ isInDialog = false }) {
  const text = useStore(announced);
  const isInFront = useStore(openDialogs) > 0 === isInDialog;
  return html`<div class="live" role="status" aria-live="polite">${isInFront && text}</div>`;
}
