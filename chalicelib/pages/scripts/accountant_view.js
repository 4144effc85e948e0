// "Contador": what is open in a month, closing a day, and the month's documents.
import { html } from "../libraries/preact.js";
import { address, setAddress, viewLink } from "./address.js";
import { now } from "./api.js";
import { BankPoints } from "./bank_points.js";
import { BookTerms } from "./book_terms.js";
import { CloseDay } from "./close_day.js";
import { addDays, dayOf, dayText } from "./days.js";
import { Documents } from "./documents.js";
import { locale, t } from "./language.js";
import { monthOf, MonthPicker } from "./month_picker.js";
import { Point } from "./points.js";
import { useResource } from "./resource.js";
import { Age, Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

const MOST_COUNTED = 200;

export function AccountantView({ user }) {
  const { filters } = useStore(address);
  const month = monthOf(filters.month);
  const yesterday = addDays(dayOf(now()), -1);
  const last = month.last < yesterday ? month.last : yesterday;
  const range = `from=${month.first}&to=${last}`;
  const hasPast = last >= month.first;
  const days = useResource(hasPast ? `v1/daily-balances?${range}` : null);
  const bare = useResource(`v1/entries?${range.replace(last, month.last)}&uncategorized=true&limit=${MOST_COUNTED}`);
  const imports = useResource("v1/imports?limit=50");
  return html`
    <div class="columns">
      <div>
        <section class="card" aria-labelledby="open-title">
          <header><h2 id="open-title">${t("openPoints")}</h2><${Age} resource=${bare} /></header>
          <${MonthPicker} month=${month} onChange=${(text) => setAddress({ filters: { month: text } })} />
          <${OpenPoints} days=${days} bare=${bare} imports=${imports} month=${month} hasPast=${hasPast} />
        </section>
        ${user.canClose && html`<${CloseDay} latest=${yesterday} />`}
      </div>
      <div>
        <${Documents} month=${month} days=${days} />
        <${BookTerms} user=${user} />
      </div>
    </div>
  `;
}

function OpenPoints({ days, bare, imports, month, hasPast }) {
  const isRead = bare.value && (days.value || !hasPast);
  if (!isRead) {
    return html`<${Missing} resource=${bare.error ? bare : days} what="theMonth"><div class="bone row"></div><div class="bone row"></div></${Missing}>`;
  }
  const failed = [bare, days, imports].find((resource) => resource.error);
  const items = days.value?.items ?? [];
  const open = items.filter((item) => item.status === "open" && item.entries > 0);
  const restated = items.filter((item) => item.status === "restated");
  const count = bare.value.items.length;
  const shownCount = bare.value.next_cursor ? `${count}+` : String(count);
  const everything = { from: month.first, to: month.last, uncategorized: "true" };
  return html`
    ${failed && html`<${Failure} resource=${failed} what="theMonth" />`}
    <ul class="plain points">
      <${Point} isDone=${!open.length} done="noOpenDays" open="openDays" count=${open.length}>
        ${open.map((item) => html`<${DayLink} day=${item.day} />`)}
      </${Point}>
      <${Point} isDone=${!restated.length} done="noRestatedDays" open="restatedDays" count=${restated.length}>
        ${restated.map((item) => html`<${DayLink} day=${item.day} />`)}
      </${Point}>
      <${Point} isDone=${!count} done="allCategorized" open="uncategorizedCount" count=${shownCount}>
        <a href=${viewLink("entries", everything)}>${t("allEntries")}</a>
      </${Point}>
      ${imports.value && html`<${BankPoints} imports=${imports} month=${month} />`}
    </ul>
  `;
}

function DayLink({ day }) {
  return html`<a href=${viewLink("entries", { from: day, to: day })}>${dayText(day, locale())}</a> `;
}
