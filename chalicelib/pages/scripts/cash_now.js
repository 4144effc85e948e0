// "Em caixa agora": today's balance over all accounts, beside yesterday's and last week's.
import { html } from "../libraries/preact.js";
import { now } from "./api.js";
import { Amount, FlowAmount } from "./amounts.js";
import { addDays, dayOf, dayText, timeText } from "./days.js";
import { locale, t } from "./language.js";
import { percentChange, signedPercent } from "./money.js";
import { unsettled } from "./recorder.js";
import { Age, Failure, isStale, Missing } from "./states.js";
import { useStore } from "./store.js";

/** `balances` is the resource of the last days' balances, the last of which is today's. */
export function CashNow({ balances, onRecordOpening }) {
  const today = dayOf(now());
  return html`
    <section class="card cash" aria-labelledby="cash-title">
      <header>
        <h2 id="cash-title">${t("cashNow")}</h2>
        <p class="soft">${dayText(today, locale(), { weekday: "long", day: "numeric", month: "long" })}</p>
      </header>
      ${balances.value
        ? html`<${CashFigures} balances=${balances} today=${today} onRecordOpening=${onRecordOpening} />`
        : html`<${Missing} resource=${balances} what="theBalances"><div class="bone tall"></div><div class="bone"></div></${Missing}>`}
    </section>
  `;
}

function CashFigures({ balances, today, onRecordOpening }) {
  const waiting = useStore(unsettled);
  const byDay = new Map(balances.value.items.map((item) => [item.day, item]));
  const current = byDay.get(today) ?? balances.value.items.at(-1);
  const asOf = balances.value.freshness.as_of;
  if (asOf === null && !waiting.length) return html`<${EmptyBook} onRecordOpening=${onRecordOpening} />`;
  return html`
    ${balances.error && html`<${Failure} resource=${balances} what="theBalances" />`}
    <p class=${isStale(balances) ? "figure old" : "figure"}><${Amount} amount=${current.closing} large /></p>
    <dl class="flows">
      <div><dt>${t("opened")}</dt><dd><${Amount} amount=${current.opening} /></dd></div>
      <div><dt>${t("in")}</dt><dd><${FlowAmount} amount=${current.credits} isIn /></dd></div>
      <div><dt>${t("out")}</dt><dd><${FlowAmount} amount=${current.debits} /></dd></div>
    </dl>
    <dl class="compared">
      <${Compared} label="yesterday" before=${byDay.get(addDays(today, -1))} current=${current} />
      <${Compared} label="lastWeek" before=${byDay.get(addDays(today, -7))} current=${current} />
    </dl>
    <footer>
      ${waiting.length > 0 && html`<p class="age waiting">${t("waitingForEntry")}</p>`}
      <${Age} resource=${balances} />
      ${asOf && html`<p class="age">${t("lastEntry", { time: lastText(asOf, today) })}</p>`}
    </footer>
  `;
}

function Compared({ label, before, current }) {
  if (!before) return null;
  const day = dayText(before.day, locale());
  const change = percentChange(before.closing, current.closing);
  return html`
    <div>
      <dt>${t(label, { day })}</dt>
      <dd>
        <${Amount} amount=${before.closing} />
        ${change !== null && html` <span class="soft">${t("moreThan", { percent: signedPercent(change) })}</span>`}
      </dd>
    </div>
  `;
}

function EmptyBook({ onRecordOpening }) {
  return html`
    <p class="figure"><${Amount} amount="0.00" large /></p>
    <p><strong>${t("emptyBook")}</strong></p>
    <p>${t("emptyBookNext")}</p>
    <div class="buttons"><button type="button" class="quiet" onClick=${onRecordOpening}>${t("recordOpening")}</button></div>
  `;
}

function lastText(moment, today) {
  const day = dayOf(new Date(moment));
  return day === today ? timeText(moment) : `${dayText(day, locale())} ${timeText(moment)}`;
}
