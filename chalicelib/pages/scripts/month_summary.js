// The current month on the first view: its sums, its bars, and which days are closed.
import { html, useMemo } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { FlowAmount } from "./amounts.js";
import { dayText, firstOfMonth } from "./days.js";
import { FlowCharts } from "./flow_charts.js";
import { locale, t } from "./language.js";
import { monthName } from "./month_picker.js";
import { sentenceOf, totalsOf } from "./month_view.js";

/** `balances` is the resource of days that contain the current month's. */
export function MonthSummary({ balances, today }) {
  const first = firstOfMonth(today);
  // The same array while the balances are, so that charts are not drawn again.
  const items = useMemo(() => (balances.value?.items ?? []).filter((item) => item.day >= first), [balances.value, first]);
  if (!items.some((item) => item.entries > 0)) return null;
  const total = totalsOf(items);
  const name = monthName(first);
  return html`
    <section class="card" aria-labelledby="summary-title">
      <header>
        <h2 id="summary-title">${name}</h2>
        <a href=${viewLink("month")}>${t("seeMonth")}</a>
      </header>
      <dl class="flows totals">
        <div><dt>${t("in")}</dt><dd><${FlowAmount} amount=${total.credits} isIn /></dd></div>
        <div><dt>${t("out")}</dt><dd><${FlowAmount} amount=${total.debits} /></dd></div>
      </dl>
      <${FlowCharts} items=${items} sentence=${sentenceOf(total, name)} hasBalance=${false} />
      <${Closed} items=${items} />
    </section>
  `;
}

function Closed({ items }) {
  const closed = items.filter((item) => item.version !== null);
  const restated = items.filter((item) => item.status === "restated").length;
  const last = closed.at(-1);
  return html`
    <p class="soft">
      ${last ? t("lastClosed", { day: dayText(last.day, locale()) }) : t("noneClosed")}
      ${restated > 0 && ` ${t("restatedCount", { count: restated })}`}
      ${" "}<a href=${viewLink("days")}>${t("days")}</a>
    </p>
  `;
}
