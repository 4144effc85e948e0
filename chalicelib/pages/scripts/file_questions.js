// What the service must know before it can read a file: the account, or the bank's layout.
import { html, useState } from "../libraries/preact.js";
import { mapAccounts } from "./bank_files.js";
import { t } from "./language.js";
import { reasonOf } from "./problems.js";
import { useResource } from "./resource.js";

export function FileQuestions({ state, onAnswer }) {
  const { error, options } = state;
  const unknown = error.problem?.accounts ?? [];
  const accounts = rowsByNumber(unknown);
  if ((accounts.has(null) && unknown.length > 1) || isOneOfSeveral(error, options)) {
    return html`<p class="wrong" role="alert">${t("accountWithoutNumber")}</p>`;
  }
  if (accounts.size) return html`<${AccountQuestion} accounts=${[...accounts]} onAnswer=${onAnswer} />`;
  const isTable = /columns$/.test(error.problem?.file?.reason);
  return html`
    <p class="wrong" role="alert">${t("notRead", { reason: reasonOf(error) })}</p>
    ${isTable && html`<${PresetQuestion} onAnswer=${onAnswer} />`}
  `;
}

// How many rows the unknown accounts have, by number, which is null where the file has none.
function rowsByNumber(accounts) {
  const rows = new Map();
  for (const each of accounts) rows.set(each.number, (rows.get(each.number) ?? 0) + each.rows);
  return rows;
}

// The service accepts the account of a request only for a file with one statement.
function isOneOfSeveral(error, options) {
  return Boolean(options.account && error.status === 422 && error.fields.account);
}

// Numbers are mapped, also for later files. Only an account without one is part of the request.
function AccountQuestion({ accounts, onAnswer }) {
  const [names, setNames] = useState({});
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    if (accounts[0][0] === null) return onAnswer({ account: names[null] });
    try {
      await mapAccounts(names);
      return onAnswer({});
    } catch (caught) {
      return setError(caught);
    }
  };
  return html`
    <form class="inline" onSubmit=${submit}>
      ${accounts.map(([number, rows], at) => html`
        <div class="field" key=${number}>
          <label for=${`bank-account-${at}`}>
            ${t("whichAccount")} <span class="soft">${t("accountOfNumber", { number: number ?? "–", rows })}</span>
          </label>
          <input id=${`bank-account-${at}`} required pattern="[a-z0-9\\-]{1,40}" title=${t("field_account")} autocapitalize="off" autocomplete="off"
            placeholder="main" value=${names[number] ?? ""} onInput=${(event) => setNames({ ...names, [number]: event.currentTarget.value })} />
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
