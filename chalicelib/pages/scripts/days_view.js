// "Dias fechados": the state of each day of a month, and its check in the browser.
import { html, useState } from "../libraries/preact.js";
import { address, setAddress, viewLink } from "./address.js";
import { Amount } from "./amounts.js";
import { now } from "./api.js";
import { CheckDialog } from "./check_dialog.js";
import { dayOf, dayText } from "./days.js";
import { locale, t } from "./language.js";
import { monthOf, MonthPicker } from "./month_picker.js";
import { useResource } from "./resource.js";
import { Age, Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

const DAY_MARKS = { closed: "✓", restated: "↻", open: "○" };

export function DaysView() {
  const { filters } = useStore(address);
  const month = monthOf(filters.month);
  const today = dayOf(now());
  const last = month.last < today ? month.last : today;
  const days = useResource(`v1/daily-balances?from=${month.first}&to=${last}`);
  const [checked, setChecked] = useState(null);
  // A day without entries has nothing to close.
  const shown = (days.value?.items ?? []).filter((item) => item.entries > 0 || item.version !== null).reverse();
  return html`
    <section class="card" aria-labelledby="days-title">
      <header><h2 id="days-title">${t("days")}</h2><${Age} resource=${days} /></header>
      <${MonthPicker} month=${month} onChange=${(text) => setAddress({ filters: { ...filters, month: text } })} />
      <p class="soft">${t("daysExplained")}</p>
      ${days.value && days.error && html`<${Failure} resource=${days} what="theDays" />`}
      ${!days.value && html`<${Missing} resource=${days} what="theDays">${[1, 2, 3, 4].map(() => html`<div class="bone row"></div>`)}</${Missing}>`}
      ${days.value && !shown.length && html`<p class="empty">${t(days.value.freshness.as_of ? "noDays" : "firstClosing")}</p>`}
      <ul class="plain days">
        ${shown.map((item) => html`<${Day} key=${item.day} item=${item} isToday=${item.day === today} onCheck=${setChecked} />`)}
      </ul>
      ${checked && html`<${CheckDialog} key=${checked} day=${checked} onClose=${() => setChecked(null)} />`}
    </section>
  `;
}

function Day({ item, isToday, onCheck }) {
  const day = dayText(item.day, locale());
  const status = isToday ? "dayIsToday" : `${item.status}Day`;
  return html`
    <li class="day">
      <span class="day-name">
        <a href=${viewLink("entries", { from: item.day, to: item.day })}>${day}</a>
        <span class=${`state ${item.status}`}>
          <span aria-hidden="true">${DAY_MARKS[item.status]}</span> ${t(status, { version: item.version })}
        </span>
      </span>
      <span class="day-figures">
        <${Amount} amount=${item.closing} currency=${item.currency} />
        <span class="soft">${t("countOfEntries", { count: item.entries })}</span>
      </span>
      ${item.version !== null && html`
        <button type="button" class="quiet" onClick=${() => onCheck(item.day)}>
          ${t("checkDay")}<span class="visually-hidden"> ${day}</span>
        </button>
      `}
    </li>
  `;
}
