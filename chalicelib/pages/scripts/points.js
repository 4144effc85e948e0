// A point of the accountant's list: done, or open with links to what is open.
import { html } from "../libraries/preact.js";
import { t } from "./language.js";

/** `done` and `open` are names of texts; the second one has the count. */
export function Point({ isDone, done, open, count, children }) {
  return html`
    <li class=${isDone ? "point done" : "point"}>
      <span class="check-mark" aria-hidden="true">${isDone ? "✓" : "!"}</span>
      <div>
        <p>${isDone ? t(done) : t(open, { count })}</p>
        ${!isDone && html`<p class="day-links">${children}</p>`}
      </div>
    </li>
  `;
}
