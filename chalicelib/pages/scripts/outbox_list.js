// What waits to be sent, or was rejected after it waited.
import { html } from "../libraries/preact.js";
import { FlowAmount } from "./amounts.js";
import { t } from "./language.js";
import { discard, outbox } from "./recorder.js";
import { useStore } from "./store.js";

export function OutboxList() {
  const items = useStore(outbox);
  if (!items.length) return null;
  const waiting = items.filter((item) => item.reason === null).length;
  return html`
    <section class="notice" role="status">
      ${waiting > 0 && html`
        <p><strong>${t("queued", { count: waiting })}</strong></p>
        <p>${t("queuedKeepOpen")}</p>
      `}
      <ul class="plain">
        ${items.map((item) => html`<${WaitingEntry} key=${item.key} item=${item} />`)}
      </ul>
    </section>
  `;
}

function WaitingEntry({ item }) {
  return html`
    <li class="waiting-entry">
      <${FlowAmount} amount=${item.body.amount} isIn=${item.body.type === "credit"} />
      <span dir="auto">${item.body.description}</span>
      ${item.reason !== null && html`
        <span class="wrong">${t("notRecorded", { reason: item.reason })}</span>
        <button type="button" class="quiet" onClick=${() => discard(item.key)}>${t("discard")}</button>
      `}
    </li>
  `;
}
