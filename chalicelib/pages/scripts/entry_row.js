// One entry in a list.
import { html } from "../libraries/preact.js";
import { FlowAmount } from "./amounts.js";
import { dayText, timeText } from "./days.js";
import { locale, t } from "./language.js";

/**
 * `waits` says that the balances do not contain the entry yet; `onOpen` shows its details, `nameOf`
 * returns a category's name.
 */
export function EntryRow({ entry, waits = false, onOpen, nameOf }) {
  const isIn = entry.type === "credit";
  const description = entry.description ?? t("noDescription");
  return html`
    <li class="entry">
      <button type="button" onClick=${() => onOpen(entry)}>
        <span class="when">
          <span>${dayText(entry.day, locale(), { day: "2-digit", month: "2-digit" })}</span>
          <span class="soft">${timeText(entry.occurred_at)}</span>
        </span>
        <span class="what">
          <span class=${entry.description ? "text" : "text soft"} dir="auto">${description}</span>
          <span class="marks">
            ${waits && html`<span class="mark waiting"><span aria-hidden="true">◷</span> ${t("pendingEntry")}</span>`}
            ${entry.reversed_by && html`<span class="mark">${t("reversedEntry")}</span>`}
            ${entry.reverses && html`<span class="mark">${t("reversalEntry")}</span>`}
            ${entry.category && html`<span class="mark" dir="auto">${nameOf(entry.category)}</span>`}
            ${entry.account !== "main" && html`<span class="mark">${entry.account}</span>`}
          </span>
        </span>
        <${FlowAmount} amount=${entry.amount} isIn=${isIn} currency=${entry.currency} struck=${Boolean(entry.reversed_by)} />
      </button>
    </li>
  `;
}
