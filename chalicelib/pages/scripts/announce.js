// What happened, for screen readers: one polite live region of the page.
import { html } from "../libraries/preact.js";
import { createStore, useStore } from "./store.js";

const announced = createStore("");

/** Let screen readers say this; it is also shown for some seconds. */
export function announce(text) {
  announced.set("");
  setTimeout(() => announced.set(text), 50);
  setTimeout(() => announced.set((now) => (now === text ? "" : now)), 6_000);
}

export function LiveRegion() {
  const text = useStore(announced);
  return html`<div class="live" role="status" aria-live="polite">${text}</div>`;
}
