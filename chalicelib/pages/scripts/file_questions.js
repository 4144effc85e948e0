// What the service must know before it can read a file: the account, or the bank's layout.
import { html, useState } from "../libraries/preact.js";
import { mapAccounts } from "./bank_files.js";
import { t } from "./language.js";
import { reasonOf } from "./problems.js";
import { useResource } from "./resource.js";

export function FileQuestions({ state, onAnswer }) {
  const { error } = state;
  const accounts = error.problem?.accounts;
  if (accounts) return html`<${AccountQuestion} accounts=${accounts} onAnswer=${onAnswer} />`;
  const isTable = /columns$/.test(error.problem?.file?.reason);
  return html`
    <p class="wrong" role="alert">${t("notRead", { reason: reasonOf(error) })}</p>
    ${isTable && html`<${PresetQuestion} onAnswer=${onAnswer} />`}
  `;
}

// The account of a file with one statement is part of the request, several are mapped before it.
function AccountQuestion({ accounts, onAnswer }) {
  const [names, setNames] = useState(accounts.map(() => ""));
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    if (accounts.length === 1) return onAnswer({ account: names[0] });
    try {
      await mapAccounts(Object.fromEntries(accounts.map(({ number }, at) => [number, names[at]])));
      return onAnswer({});
    } catch (caught) {
      return setError(caught);
    }
  };
  return html`
    <form class="inline" onSubmit=${submit}>
      ${accounts.map(({ number, rows }, at) => html`
        <div class="field" key=${number}>
          <label for=${`bank-account-${at}`}>
            ${t("whichAccount")} <span class="soft">${t("accountOfNumber", { number: number ?? "–", rows })}</span>
          </label>
          <input id=${`bank-account-${at}`} required pattern="[a-z0-9\\-]{1,40}" title=${t("field_account")} autocapitalize="off" autocomplete="off"
            placeholder="main" value=${names[at]} onInput=${(event) => setNames(names.with(at, event.currentTarget.value))} />
        </div>
      `)}
      <button class="first">${t("goOn")}</button>
    </form>
    ${error && html`<p class="wrong" role="alert">${t("notRead", { reason: reasonOf(error) })}</p>`}
  `;
}

function PresetQuestion({ onAnswer }) {
  const presets = useResource("v1/import-presets");
  const [name, setName] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (name) onAnswer({ preset: name });
  };
  return html`
    <form class="inline" onSubmit=${submit}>
      <div class="field">
        <label for="bank-preset">${t("whichPreset")}</label>
        <select id="bank-preset" required value=${name} onChange=${(event) => setName(event.currentTarget.value)}>
          <option value=""></option>
          ${(presets.value?.items ?? []).map((preset) => html`<option value=${preset.name}>${preset.title}</option>`)}
        </select>
      </div>
      <button class="first">${t("goOn")}</button>
    </form>
  `;
}
