// The proof that a closed day contains an entry: checked in the browser, and saved for verify.py.
import { html, useState } from "../libraries/preact.js";
import { getJson } from "./api.js";
import { dayText } from "./days.js";
import { jsonFile, save, textFile } from "./downloads.js";
import { locale, t } from "./language.js";
import { reasonOf } from "./problems.js";
import { isSigned, provesInclusion, publicKey } from "./seal.js";
import { zipOf } from "./zip.js";

const PROVEN = ["type", "amount", "currency", "account", "day"];

export function EntryProof({ entry }) {
  const [state, setState] = useState({});
  const check = async () => {
    setState({ isBusy: true });
    try {
      const [proof, { keys }] = await Promise.all([
        getJson(`v1/closings/${entry.day}/proof?entry=${entry.id}`),
        getJson("v1/closings/public-keys"),
      ]);
      setState({ proof, keys, isProven: await isProven(entry, proof, keys) });
    } catch (error) {
      setState({ error });
    }
  };
  const { isBusy, proof, keys, isProven: proven, error } = state;
  const values = proof && { version: proof.version, day: dayText(proof.day, locale()) };
  return html`
    ${!proof && html`
      <div class="buttons">
        <button type="button" class="quiet" aria-disabled=${Boolean(isBusy)} onClick=${check}>${t("proofOfEntry")}</button>
      </div>
    `}
    <div role="status">
      ${error && html`<p class="soft">${error.status === 404 ? t("noProofYet") : t("checkStopped", { reason: reasonOf(error) })}</p>`}
      ${proof && html`<p class=${proven ? "verdict" : "verdict wrong"}>${t(proven ? "entryProven" : "entryNotProven", values)}</p>`}
    </div>
    ${proof && html`
      <div class="buttons">
        <button type="button" class="quiet" onClick=${() => save(zipOf(filesOf(proof, keys)), `${t("proofName")}-${proof.entry}.zip`)}>${t("downloadProof")}</button>
      </div>
    `}
  `;
}

async function isProven(entry, proof, keys) {
  const pem = keys[proof.key_id];
  const isShown = PROVEN.every((name) => proof.leaf[name] === entry[name]) && proof.entry === entry.id;
  return Boolean(pem) && isShown && (await provesInclusion(proof)) && isSigned(proof, await publicKey(pem));
}

function filesOf(proof, keys) {
  return [jsonFile("proof.json", proof), jsonFile("keys.json", { keys }), textFile(t("readMeName"), t("readMeOfEntry"))];
}
