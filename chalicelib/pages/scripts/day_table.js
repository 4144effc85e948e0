// The days of a chart as a table, behind a button.
import { html, useState } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { Amount, FlowAmount } from "./amounts.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";
import { symbolOf } from "./money.js";

const SHORT = { day: "2-digit", month: "2-digit" };

export function DayTable({ items }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <button type="button" class="quiet" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>${t("table")}</button>
    ${isOpen && html`
      <div class="scroll" tabindex="0" role="group" aria-label=${t("table")}>
        <table class="narrow">
          <caption class="soft">${t("amountsIn", { currency: symbolOf(items[0].currency, locale()) })}</caption>
          <thead>
            <tr>
              <th scope="col">${t("businessDay")}</th>
              <th scope="col" class="number">${t("in")}</th>
              <th scope="col" class="number">${t("out")}</th>
              <th scope="col" class="number">${t("balance")}</th>
            </tr>
          </thead>
          <tbody>
            ${items.map((item) => html`
              <tr key=${item.day}>
                <th scope="row"><a href=${viewLink("entries", { from: item.day, to: item.day })}>${dayText(item.day, locale(), SHORT)}</a></th>
                <td class="number"><${FlowAmount} amount=${item.credits} isIn currency=${item.currency} plain /></td>
                <td class="number"><${FlowAmount} amount=${item.debits} currency=${item.currency} plain /></td>
                <td class="number"><${Amount} amount=${item.closing} currency=${item.currency} plain /></td>
              </tr>
            `)}
          </tbody>
        </table>
      </div>
    `}
  `;
}
