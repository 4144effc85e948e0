// The first view: cash now, record, and the latest entries.
import { html, useState } from "../libraries/preact.js";
import { now } from "./api.js";
import { viewLink } from "./address.js";
import { CashNow } from "./cash_now.js";
import { useCategories } from "./category_names.js";
import { addDays, dayOf, firstOfMonth } from "./days.js";
import { openEntry } from "./entries_view.js";
import { EntryRow } from "./entry_row.js";
import { t } from "./language.js";
import { MonthSummary } from "./month_summary.js";
import { OutboxList } from "./outbox_list.js";
import { RecordForm } from "./record_form.js";
import { unsettled } from "./recorder.js";
import { useResource } from "./resource.js";
import { Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

const SHOWN = 10;

export function TodayView({ user }) {
  const today = dayOf(now());
  const weekAgo = addDays(today, -7);
  const first = firstOfMonth(today) < weekAgo ? firstOfMonth(today) : weekAgo;
  const balances = useResource(`v1/daily-balances?from=${first}&to=${today}`);
  const latest = useResource(`v1/entries?limit=${SHOWN}`);
  const [prefilled, setPrefilled] = useState(null);
  const recordOpening = () =>
    setPrefilled({ type: "credit", category: "opening", description: t("openingText") });
  const known = latest.value?.items ?? [];
  const names = {
    categories: [...new Set(known.map((entry) => entry.category).filter(Boolean))],
    accounts: [...new Set(known.map((entry) => entry.account))],
  };
  return html`
    <div class="columns today">
      <div>
        <${CashNow} balances=${balances} onRecordOpening=${recordOpening} />
        ${user.canWrite
          ? html`<${RecordForm} prefilled=${prefilled} names=${names} />`
          : html`<p class="card soft">${t("readOnly")}</p>`}
        <${OutboxList} />
      </div>
      <${LatestEntries} latest=${latest} />
      <${MonthSummary} balances=${balances} today=${today} />
    </div>
  `;
}

function LatestEntries({ latest }) {
  const { nameOf } = useCategories();
  const waiting = useStore(unsettled);
  const known = latest.value?.items ?? [];
  const entries = [...waiting.filter((entry) => !known.some((other) => other.id === entry.id)), ...known];
  const waitingIds = new Set(waiting.map((entry) => entry.id));
  return html`
    <section class="card" aria-labelledby="latest-title">
      <header>
        <h2 id="latest-title">${t("latestEntries")}</h2>
        <a href=${viewLink("entries")}>${t("allEntries")}</a>
      </header>
      ${latest.value && latest.error && html`<${Failure} resource=${latest} what="theEntries" />`}
      ${entries.length > 0 && html`
        <ul class="plain entries">
          ${entries.map((entry) => html`
            <${EntryRow} key=${entry.id} entry=${entry} waits=${waitingIds.has(entry.id)} onOpen=${openEntry} nameOf=${nameOf} />
          `)}
        </ul>
      `}
      ${!latest.value && html`
        <${Missing} resource=${latest} what="theEntries">
          ${[1, 2, 3, 4].map(() => html`<div class="bone row"></div>`)}
        </${Missing}>
      `}
      ${latest.value && !entries.length && html`<p class="soft">${t("noEntries")}</p>`}
    </section>
  `;
}
