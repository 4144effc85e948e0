// The five checks of a day, line by line, in plain words.
import { html, useEffect, useState } from "../libraries/preact.js";
import { CHECKS, checkDay } from "./day_check.js";
import { dayText } from "./days.js";
import { Dialog } from "./dialog.js";
import { save } from "./downloads.js";
import { locale, t } from "./language.js";
import { reasonOf } from "./problems.js";
import { proofFiles } from "./proof_files.js";
import { zipOf } from "./zip.js";

const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const CHECK_MARKS = { valid: "✓", wrong: "✗", unknown: "–", waiting: "…" };

export function CheckDialog({ day, onClose }) {
  const [results, setResults] = useState({});
  const [read, setRead] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let isClosed = false;
    const report = (name, result) => {
      if (!isClosed) setResults((before) => ({ ...before, [name]: result }));
    };
    checkDay(day, report).then(
      (files) => !isClosed && setRead(files),
      (caught) => !isClosed && setError(caught),
    );
    return () => {
      isClosed = true;
    };
  }, [day]);
  const isWrong = Object.values(results).some((result) => result.isValid === false);
  const isDone = CHECKS.every((name) => results[name]);
  return html`
    <${Dialog} title=${t("checkTitle", { day: dayText(day, locale(), LONG) })} onClose=${onClose}>
      <ol class="plain checks" aria-live="polite">
        ${CHECKS.map((name) => html`<${Check} key=${name} name=${name} result=${results[name]} isStopped=${Boolean(error)} />`)}
      </ol>
      ${error && html`<p class="wrong" role="alert">${t("checkStopped", { reason: reasonOf(error) })}</p>`}
      ${isDone && html`<p class=${isWrong ? "verdict wrong" : "verdict"} role="status">${t(isWrong ? "doNotTrust" : "dayIsIntact")}</p>`}
      ${isDone && html`
        <details>
          <summary>${t("notProven")}</summary>
          <p class="soft">${t("notProvenText")}</p>
        </details>
      `}
      ${read && html`<${ProofButton} read=${read} day=${day} />`}
    </${Dialog}>
  `;
}

function Check({ name, result, isStopped }) {
  const state = stateOf(result);
  const words = result ? wordsOf(name, result) : t(isStopped ? "notChecked" : "checking");
  return html`
    <li class=${`check-line ${state}`}>
      <span class="check-mark" aria-hidden="true">${CHECK_MARKS[state]}</span>
      <span><strong>${t(`${name}Check`)}</strong>: ${words}</span>
    </li>
  `;
}

function ProofButton({ read, day }) {
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    save(zipOf(await proofFiles([read])), `${t("proofName")}-${day}.zip`);
    setBusy(false);
  };
  return html`
    <div class="buttons">
      <button type="button" class="quiet" aria-disabled=${isBusy} onClick=${download}>${t("downloadProof")}</button>
    </div>
    <p class="soft">${t("downloadProofText")}</p>
  `;
}

function stateOf(result) {
  if (!result) return "waiting";
  if (result.isValid === null) return "unknown";
  return result.isValid ? "valid" : "wrong";
}

function wordsOf(name, { isValid, values }) {
  if (values.reason) return t("checkFailed", values);
  if (name === "chain" && values.sequence === 1 && isValid) return t("chainFirst");
  const ending = isValid === null ? "Unknown" : isValid ? "Valid" : "Wrong";
  const shown = values.day ? { ...values, day: dayText(values.day, locale()) } : values;
  return t(`${name}${ending}`, shown);
}
