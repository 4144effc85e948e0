// Money in and out of a period by category.
import { html } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { FlowAmount } from "./amounts.js";
import { locale, t } from "./language.js";
import { decimalString, minorUnits, symbolOf } from "./money.js";
import { Failure, Missing } from "./states.js";

/** `flow` is cash flow by category, `registered` the categories' names. */
export function CategoryTable({ flow, registered, range, hasAccount }) {
  const names = new Map((registered.value?.items ?? []).map((item) => [item.slug, item.name]));
  const groups = groupsOf(flow.value?.items ?? []);
  return html`
    <section class="card" aria-labelledby="categories-title">
      <header>
        <h2 id="categories-title">${t("byCategory")}</h2>
        ${hasAccount && html`<p class="soft">${t("allAccounts")}</p>`}
      </header>
      ${flow.value && flow.error && html`<${Failure} resource=${flow} what="theMonth" />`}
      ${!flow.value && html`<${Missing} resource=${flow} what="theMonth"><div class="bone row"></div><div class="bone row"></div></${Missing}>`}
      ${flow.value && !groups.length && html`<p class="empty">${t("noDays")}</p>`}
      ${groups.length > 0 && html`
        <div class="scroll" tabindex="0" role="group" aria-labelledby="categories-title">
          <table>
            <caption class="soft">${t("amountsIn", { currency: symbolOf("BRL", locale()) })}</caption>
            <thead>
              <tr>
                <th scope="col">${t("category")}</th>
                <th scope="col" class="number">${t("in")}</th>
                <th scope="col" class="number">${t("out")}</th>
              </tr>
            </thead>
            <tbody>
              ${groups.map((group) => html`
                <tr key=${group.slug}>
                  <th scope="row" dir="auto">
                    <a href=${viewLink("entries", linkFilters(group.slug, range))}>
                      ${group.slug === null ? t("withoutCategory") : (names.get(group.slug) ?? group.slug)}
                    </a>
                  </th>
                  <td class="number">${group.credits > 0n && html`<${FlowAmount} amount=${decimalString(group.credits)} isIn plain />`}</td>
                  <td class="number">${group.debits > 0n && html`<${FlowAmount} amount=${decimalString(group.debits)} plain />`}</td>
                </tr>
              `)}
            </tbody>
          </table>
        </div>
      `}
    </section>
  `;
}

function linkFilters(slug, range) {
  const days = { from: range.first, to: range.last };
  return slug === null ? { ...days, uncategorized: "true" } : { ...days, category: slug };
}

// The months of a range are added up; the largest movement comes first.
function groupsOf(items) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(item.group) ?? { slug: item.group, credits: 0n, debits: 0n };
    group.credits += minorUnits(item.credits);
    group.debits += minorUnits(item.debits);
    groups.set(item.group, group);
  }
  const size = (group) => group.credits + group.debits;
  return [...groups.values()].sort((one, other) => (size(other) > size(one) ? 1 : -1));
}
