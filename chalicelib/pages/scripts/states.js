// How a part of the page shows that its figures are being read, old, or cannot be read.
import { html } from "../libraries/preact.js";
import { timeText } from "./days.js";
import { t } from "./language.js";

const STALE_MS = 60_000;

/** Whether the figures of a resource are older than a minute, or the last attempt failed. */
export function isStale(resource) {
  if (resource.readAt === undefined) return false;
  return Date.now() - resource.readAt > STALE_MS;
}

/** The age of figures: a quiet text, or an amber one when they are old. */
export function Age({ resource }) {
  if (resource.readAt === undefined) return null;
  const time = timeText(resource.readAt);
  if (isStale(resource)) return html`<p class="age stale">${t("stale", { time })}</p>`;
  return html`<p class="age">${t("asOf", { time })}</p>`;
}

/** What is shown instead of figures that were never read: a frame, or an error with a button. */
export function Missing({ resource, what, children }) {
  if (resource.error) return html`<${Failure} resource=${resource} what=${what} />`;
  return html`
    <div class="frame" aria-busy="true">
      <span class="visually-hidden">${t("loading")}</span>
      ${children}
      ${resource.isSlow && html`<p class="soft">${t("slowRead")}</p>`}
    </div>
  `;
}

/** Why figures cannot be read, above the last known ones or instead of them. */
export function Failure({ resource, what }) {
  if (!resource.error || resource.error.reason) return null; // signed out: the page says it
  const text = resource.error.status === 403 ? "readForbidden" : "readFailed";
  return html`
    <div class="notice" role="alert">
      <p>${t(text, { what: t(what) })}</p>
      <button type="button" class="quiet" onClick=${resource.reload}>${t("tryAgain")}</button>
    </div>
  `;
}
