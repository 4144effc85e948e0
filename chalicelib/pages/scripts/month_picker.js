// A month, and the buttons to the one before and after.
import { html } from "../libraries/preact.js";
import { now } from "./api.js";
import { addMonths, dayOf, dayText, firstOfMonth, lastOfMonth } from "./days.js";
import { locale, t } from "./language.js";

/** The month that a filter names (YYYY-MM), or the current one: its first and last day. */
export function monthOf(text) {
  const named = /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? "") ? `${text}-01` : dayOf(now());
  const first = firstOfMonth(named);
  return { first, last: lastOfMonth(first), text: first.slice(0, 7) };
}

/** The name of a month: novembro de 2026. */
export function monthName(first) {
  return dayText(first, locale(), { month: "long", year: "numeric" });
}

export function MonthPicker({ month, onChange }) {
  const current = firstOfMonth(dayOf(now()));
  const move = (count) => onChange(addMonths(month.first, count).slice(0, 7));
  return html`
    <div class="picker">
      <button type="button" onClick=${() => move(-1)} data-key="before">
        <span aria-hidden="true">‹</span><span class="visually-hidden">${t("monthBefore")}</span>
      </button>
      <strong aria-live="polite">${monthName(month.first)}</strong>
      <button type="button" onClick=${() => move(1)} data-key="after" disabled=${month.first >= current}>
        <span aria-hidden="true">›</span><span class="visually-hidden">${t("monthAfter")}</span>
      </button>
    </div>
  `;
}
