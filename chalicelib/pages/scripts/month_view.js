// "Mês": money in and out by day and the balance, as charts, a sentence and a table; by category.
import { html } from "../libraries/preact.js";
import { address, setAddress } from "./address.js";
import { Amount, FlowAmount } from "./amounts.js";
import { now } from "./api.js";
import { CategoryTable } from "./category_table.js";
import { countDays, dayOf, dayText } from "./days.js";
import { DayTable } from "./day_table.js";
import { FlowCharts } from "./flow_charts.js";
import { locale, t } from "./language.js";
import { money, sum } from "./money.js";
import { monthName, monthOf, MonthPicker } from "./month_picker.js";
import { useResource } from "./resource.js";
import { Age, Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

export function MonthView() {
  const { filters } = useStore(address);
  const range = rangeOf(filters);
  const days = `from=${range.first}&to=${range.last}`;
  const account = filters.account ? `&account=${encodeURIComponent(filters.account)}` : "";
  const balances = useResource(`v1/daily-balances?${days}${account}`);
  const byCategory = useResource(`v1/cash-flow?${days}&by=month&group=category`);
  const byAccount = useResource(`v1/cash-flow?${days}&by=month&group=account`);
  const registered = useResource("v1/categories?limit=200");
  const set = (changed) => setAddress({ filters: { ...filters, ...changed } });
  return html`
    <div class="columns left">
    <section class="card" aria-labelledby="month-title">
      <header><h2 id="month-title">${t("month")}</h2><${Age} resource=${balances} /></header>
      <${Ranges} filters=${filters} range=${range} accounts=${namesIn(byAccount)} onChange=${set} />
      ${balances.value && balances.error && html`<${Failure} resource=${balances} what="theMonth" />`}
      ${balances.value
        ? html`<${MonthFigures} items=${balances.value.items} range=${range} />`
        : html`<${Missing} resource=${balances} what="theMonth"><div class="bone tall"></div><div class="bone chart-bone"></div></${Missing}>`}
    </section>
    <${CategoryTable} flow=${byCategory} registered=${registered} range=${range} hasAccount=${Boolean(filters.account)} />
    </div>
  `;
}

function MonthFigures({ items, range }) {
  const currency = items[0].currency;
  const total = totalsOf(items);
  const sentence = sentenceOf(total, range.name);
  return html`
    <dl class="flows totals">
      <div><dt>${t("opened")}</dt><dd><${Amount} amount=${total.opening} currency=${currency} /></dd></div>
      <div><dt>${t("in")}</dt><dd><${FlowAmount} amount=${total.credits} isIn currency=${currency} /></dd></div>
      <div><dt>${t("out")}</dt><dd><${FlowAmount} amount=${total.debits} currency=${currency} /></dd></div>
      <div><dt>${t("closedWith")}</dt><dd><${Amount} amount=${total.closing} currency=${currency} /></dd></div>
    </dl>
    ${items.some((item) => item.entries > 0)
      ? html`
        <${FlowCharts} items=${items} sentence=${sentence} />
        <p class="soft">${sentence}</p>
        <${DayTable} items=${items} />
      `
      : html`<p class="empty">${t("noDays")}</p>`}
  `;
}

/** The sums of consecutive days, and the balances before and after them. */
export function totalsOf(items) {
  const { currency } = items[0];
  return {
    currency,
    opening: items[0].opening,
    credits: sum(items.map((item) => item.credits), currency),
    debits: sum(items.map((item) => item.debits), currency),
    closing: items.at(-1).closing,
  };
}

/** What the charts of a period show, in words. */
export function sentenceOf(total, period) {
  const amounts = ["credits", "debits", "opening", "closing"].map((name) => [
    name,
    money(total[name], total.currency, locale()),
  ]);
  return t("monthSentence", { period, ...Object.fromEntries(amounts) });
}

function Ranges({ filters, range, accounts, onChange }) {
  const month = monthOf(filters.month);
  return html`
    ${range.isMonth && html`<${MonthPicker} month=${month} onChange=${(text) => onChange({ month: text })} />`}
    <details class="ranges" open=${!range.isMonth || Boolean(filters.account)}>
      <summary>${t("otherRange")}</summary>
      <div class="fields">
        ${["from", "to"].map((name) => html`
          <div class="field">
            <label for=${`range-${name}`}>${t(name)}</label>
            <input id=${`range-${name}`} type="date" value=${filters[name] ?? (name === "from" ? range.first : range.last)}
              onChange=${(event) => onChange({ from: range.first, to: range.last, [name]: event.currentTarget.value })} />
          </div>
        `)}
        <div class="field">
          <label for="range-account">${t("account")}</label>
          <select id="range-account" value=${filters.account ?? ""} onChange=${(event) => onChange({ account: event.currentTarget.value })}>
            <option value="">${t("allAccounts")}</option>
            ${[...new Set([...accounts, filters.account].filter(Boolean))].map((name) => html`<option value=${name}>${name}</option>`)}
          </select>
        </div>
      </div>
      ${!range.isMonth && html`<button type="button" class="link" onClick=${() => onChange({ from: "", to: "" })}>${t("wholeMonth")}</button>`}
      ${range.isCut && html`<p class="wrong">${t("rangeTooLong")}</p>`}
    </details>
  `;
}

const LONGEST_DAYS = 366;

// A range of days if both are set and in order, otherwise the month.
function rangeOf(filters) {
  const { from, to } = filters;
  const length = from && to ? countDays(from, to) : 0;
  if (length >= 1 && length <= LONGEST_DAYS) {
    const style = { day: "2-digit", month: "2-digit", year: "numeric" };
    const name = `${dayText(from, locale(), style)} – ${dayText(to, locale(), style)}`;
    return { first: from, last: to, isMonth: false, isCut: false, name };
  }
  const month = monthOf(filters.month);
  const today = dayOf(now());
  const last = month.last > today && month.first <= today ? today : month.last;
  return { ...month, last, isMonth: true, isCut: length > LONGEST_DAYS, name: monthName(month.first) };
}

function namesIn(flow) {
  return [...new Set((flow.value?.items ?? []).map((item) => item.group))];
}
