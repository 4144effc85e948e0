// What the service must know before it can read a file: the account, or the bank's layout.
import { html, useState } from "../libraries/preact.js";
import { t } from "./language.js";
import { useResource } from "./resource.js";

export function FileQuestions({ state, onAnswer }) {
  const { error } = state;
  const accounts = error.problem?.accounts;
  const isCsv = error.status === 422 && !accounts && /preset|mapping/.test(messagesOf(error));
  return html`
    ${!accounts && html`<p class="wrong" role="alert">${t("notRead", { reason: messagesOf(error) })}</p>`}
    ${accounts?.length === 1 && html`<${AccountQuestion} account=${accounts[0]} onAnswer=${onAnswer} />`}
    ${accounts?.length > 1 && html`<p class="wrong" role="alert">${messagesOf(error)}</p>`}
    ${isCsv && html`<${PresetQuestion} onAnswer=${onAnswer} />`}
  `;
}

function AccountQuestion({ account, onAnswer }) {
  const [name, setName] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (name.trim()) onAnswer({ account: name.trim() });
  };
  return html`
    <form class="inline" onSubmit=${submit}>
      <div class="field">
        <label for="bank-account">
          ${t("whichAccount")} <span class="soft">${t("accountOfNumber", { number: account.number ?? "–", rows: account.rows })}</span>
        </label>
        <input id="bank-account" required pattern="[a-z0-9\\-]{1,40}" autocapitalize="off" autocomplete="off" placeholder="main"
          value=${name} onInput=${(event) => setName(event.currentTarget.value)} />
      </div>
      <button class="first">${t("goOn")}</button>
    </form>
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

function messagesOf(error) {
  const messages = Object.values(error.fields ?? {});
  return messages.length ? messages.join(" ") : error.message;
}
