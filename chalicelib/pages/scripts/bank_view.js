// "Banco": a file is chosen, dropped or pasted; all imports; or one of them.
import { html, useEffect, useRef, useState } from "../libraries/preact.js";
import { address, setAddress, viewLink } from "./address.js";
import { previewFile } from "./bank_files.js";
import { BankImport } from "./bank_import.js";
import { statementName } from "./bank_points.js";
import { FileQuestions } from "./file_questions.js";
import { momentText } from "./days.js";
import { locale, t } from "./language.js";
import { newKey } from "./recorder.js";
import { useResource } from "./resource.js";
import { Failure, Missing } from "./states.js";
import { useStore } from "./store.js";

export function BankView({ user }) {
  const { filters } = useStore(address);
  if (filters.import) return html`<${BankImport} key=${filters.import} id=${filters.import} user=${user} />`;
  return html`
    ${user.canWrite && html`<${Upload} />`}
    <${ImportList} />
  `;
}

function Upload() {
  const [state, setState] = useState({ phase: "idle" });
  const [isOver, setOver] = useState(false);
  const [pasted, setPasted] = useState("");
  const input = useRef(null);
  const read = async (file, options = {}) => {
    setState({ phase: "reading", file });
    try {
      const preview = await previewFile(file, options, newKey());
      setAddress({ filters: { import: preview.id } });
    } catch (error) {
      setState({ phase: "failed", file, error, options });
    }
  };
  useEffect(() => {
    const paste = (event) => {
      const [file] = event.clipboardData.files;
      const isField = event.target.closest?.("input, textarea");
      const text = event.clipboardData.getData("text");
      if (file) read(file);
      else if (!isField && text.trim()) read(fileOfText(text));
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) read(file);
  };
  return html`
    <section class="card" aria-labelledby="import-title">
      <h2 id="import-title">${t("importFile")}</h2>
      <p class="soft">${t("importExplained")}</p>
      <div class=${isOver ? "drop over" : "drop"} onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave=${() => setOver(false)} onDrop=${drop}>
        <input ref=${input} id="bank-file" type="file" class="visually-hidden" tabindex="-1" aria-hidden="true"
          aria-label=${t("chooseFile")} onChange=${(event) => event.currentTarget.files[0] && read(event.currentTarget.files[0])} />
        <button type="button" class="first" onClick=${() => input.current.click()}>${t("chooseFile")}</button>
        <span class="soft key-hint">${t("dropHere")}</span>
      </div>
      <details>
        <summary>${t("pasteText")}</summary>
        <label class="visually-hidden" for="pasted">${t("pasteText")}</label>
        <textarea id="pasted" rows="6" value=${pasted} onInput=${(event) => setPasted(event.currentTarget.value)}></textarea>
        <button type="button" class="quiet" onClick=${() => pasted.trim() && read(fileOfText(pasted))}>${t("readPasted")}</button>
      </details>
      <p role="status">${state.phase === "reading" && t("readingFile", { name: state.file.name })}</p>
      ${state.phase === "failed" && html`<${FileQuestions} state=${state} onAnswer=${(options) => read(state.file, { ...state.options, ...options })} />`}
    </section>
  `;
}

function fileOfText(text) {
  return new File([text], "extrato.txt");
}

function ImportList() {
  const imports = useResource("v1/imports?limit=50");
  const items = imports.value?.items ?? [];
  return html`
    <section class="card" aria-labelledby="imports-title">
      <h2 id="imports-title">${t("imports")}</h2>
      ${imports.value && imports.error && html`<${Failure} resource=${imports} what="theImports" />`}
      ${!imports.value && html`<${Missing} resource=${imports} what="theImports"><div class="bone row"></div></${Missing}>`}
      ${imports.value && !items.length && html`<p class="empty">${t("noImports")}</p>`}
      <ul class="plain days imports">
        ${items.map((item) => html`
          <li class="day" key=${item.id}>
            <span class="day-name">
              <a href=${viewLink("bank", { import: item.id })}>
                ${item.statements.map(statementName).join("; ")} · ${item.file.format.replace(/-[12]$/, "").toUpperCase()}
              </a>
              <span class="state">${t(`status_${item.status}`)}</span>
            </span>
            <span class="day-figures">
              <span>${t("rowsRead", { count: item.rows.read })}</span>
              ${item.recorded_at && html`<span class="soft">${momentText(item.recorded_at, locale())}</span>`}
            </span>
          </li>
        `)}
      </ul>
    </section>
  `;
}
