// The documents of a month: the statement in each format, the book, and everything with the proofs
// of its closed days as one zip, which is made in the browser.
import { html, useState } from "../libraries/preact.js";
import { now, send } from "./api.js";
import { checkDay } from "./day_check.js";
import { dayOf } from "./days.js";
import { fileName, save } from "./downloads.js";
import { locale, t } from "./language.js";
import { monthName } from "./month_picker.js";
import { reasonOf } from "./problems.js";
import { proofFiles } from "./proof_files.js";
import { zipOf } from "./zip.js";

const TYPES = {
  pdf: "application/pdf",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv",
  ofx: "application/x-ofx",
  journal: "text/plain",
  json: "application/json",
};
const IN_ZIP = ["pdf", "xlsx", "csv", "book"];

/** `days` are the balances of the month's past days. */
export function Documents({ month, days }) {
  const [account, setAccount] = useState("");
  const [state, setState] = useState({ busy: null, error: null, text: "" });
  const work = async (name, action) => {
    if (state.busy) return;
    setState({ busy: name, error: null, text: t("preparing") });
    try {
      await action((text) => setState({ busy: name, error: null, text }));
      setState({ busy: null, error: null, text: "" });
    } catch (error) {
      setState({ busy: null, error, text: "" });
    }
  };
  const download = (format) => work(format, async () => {
    const { name, blob } = await statement(month, format, account);
    save(blob, name);
  });
  const everything = () => work("zip", (progress) => saveAll(month, days.value?.items ?? [], progress));
  return html`
    <section class="card" aria-labelledby="documents-title">
      <header><h2 id="documents-title">${t("documents")}</h2><p class="soft">${monthName(month.first)}</p></header>
      <div class="buttons">
        <button type="button" class="first" aria-disabled=${state.busy !== null} onClick=${everything}>${t("allAsZip")}</button>
        <button type="button" class="quiet" onClick=${() => download("book")}>${t("bookPdf")}</button>
      </div>
      <p class="soft">${t("allAsZipText")}</p>
      <div class="field">
        <label for="statement-account">${t("statementAccount")} <span class="soft">(${t("emptyIsAll")})</span></label>
        <input id="statement-account" value=${account} autocomplete="off" autocapitalize="off"
          onInput=${(event) => setAccount(event.currentTarget.value.trim())} />
      </div>
      <div class="buttons">
        ${Object.keys(TYPES).map((format) => html`
          <button type="button" key=${format} aria-disabled=${state.busy !== null} onClick=${() => download(format)}>
            <span class="visually-hidden">${t("statement")} </span>${format.toUpperCase()}
          </button>
        `)}
      </div>
      <p role="status" class="soft">${state.text}</p>
      ${state.error && html`<p class="wrong" role="alert">${t("notDownloaded", { reason: reasonOf(state.error, "termsMissing") })}</p>`}
    </section>
  `;
}

async function statement(month, format, account) {
  const query = new URLSearchParams({ locale: locale() });
  if (format === "book") query.set("book", "true");
  else query.set("format", format);
  if (account && format !== "book") query.set("account", account);
  else if (format === "ofx") query.set("account", "main");
  const response = await send(`v1/statements/${month.text}?${query}`, {
    headers: { Accept: TYPES[format] ?? TYPES.pdf },
  });
  return { name: fileName(response, `extrato-${month.text}.${format}`), blob: await response.blob() };
}

async function saveAll(month, items, progress) {
  const files = [];
  for (const format of IN_ZIP) {
    const { name, blob } = await statement(month, format, "");
    files.push({ name, bytes: new Uint8Array(await blob.arrayBuffer()) });
  }
  const closed = items.filter((item) => item.version !== null && item.day < dayOf(now()));
  const days = [];
  for (const { day } of closed) {
    progress(t("preparingProofs", { done: days.length, count: closed.length }));
    days.push(await checkDay(day, () => {}));
  }
  if (days.length) files.push(...(await proofFiles(days, `${t("proofsFolder")}/`)));
  save(zipOf(files), `livro-caixa-${month.text}.zip`);
}
