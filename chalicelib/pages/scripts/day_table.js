// The days of a chart as a table, behind a button.
import { html, useState } from "../libraries/preact.js";
import { viewLink } from "./address.js";
import { Amount, FlowAmount } from "./amounts.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";

export function DayTable({ items }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <button type="button" class="quiet" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>${t("table")}</button>
    ${isOpen && html`
      <div class="scroll" tabindex="0" role="group" aria-label=${t("table")}>
        <table>
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
                <th scope="row"><a href=${viewLink("entries", { from: item.day, to: item.day })}>${dayText(item.day, locale())}</a></th>
                <td class="number"><${FlowAmount} amount=${item.credits} isIn currency=${item.currency} /></td>
                <td class="number"><${FlowAmount} amount=${item.debits} currency=${item.currency} /></td>
                <td class="number"><${Amount} amount=${item.closing} currency=${item.currency} /></td>
              </tr>
            `)}
          </tbody>
        </table>
      </div>
    `}
  `;
}
