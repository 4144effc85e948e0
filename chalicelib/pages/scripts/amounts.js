// Amounts and directions on the page; in and out differ by sign and word, not only by colour.
import { html } from "../libraries/preact.js";
import { locale, t } from "./language.js";
import { minorUnits, money, plainMoney, signedMoney } from "./money.js";

/** An amount in the page's language; `plain` leaves out the currency, which the table names. */
export function Amount({ amount, currency = "BRL", large = false, plain = false }) {
  const text = (plain ? plainMoney : money)(amount, currency, locale());
  return html`<span class=${large ? "amount large" : "amount"}>${text}</span>`;
}

/** The amount of money in or out, with its sign; `struck` for an entry that was reversed. */
export function FlowAmount({ amount, isIn, currency = "BRL", struck = false, plain = false }) {
  const text = signedMoney(amount, isIn, currency, locale(), plain);
  const name = minorUnits(amount) === 0n ? "amount soft" : `amount ${isIn ? "in" : "out"}`;
  return html`
    <span class=${name}>
      <span class="visually-hidden">${t(isIn ? "in" : "out")}: </span>
      ${struck ? html`<s>${text}</s>` : text}
    </span>
  `;
}
