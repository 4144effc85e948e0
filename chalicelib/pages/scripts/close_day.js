// Closing a past day now, instead of waiting for the night.
import { html, useRef, useState } from "../libraries/preact.js";
import { announce } from "./announce.js";
import { getJson, send } from "./api.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";
import { reasonOf } from "./problems.js";
import { newKey } from "./recorder.js";
import { bookChanged } from "./resource.js";

const POLL_MS = 1_000;
const POLLS = 120;

/** `latest` is the last day that is over. */
export function CloseDay({ latest }) {
  const [day, setDay] = useState(latest);
  const [state, setState] = useState({ phase: "idle" });
  const key = useRef(newKey());
  const submit = async (event) => {
    event.preventDefault();
    if (state.phase === "running") return;
    setState({ phase: "running" });
    try {
      const run = await runClosing(day, key.current);
      setState({ phase: run.status, run });
      announce(t(`closing_${run.status}`, runValues(run)));
      bookChanged();
    } catch (error) {
      setState({ phase: "error", reason: reasonOf(error) });
    }
    key.current = newKey();
  };
  return html`
    <section class="card" aria-labelledby="close-title">
      <h2 id="close-title">${t("closeDay")}</h2>
      <p class="soft">${t("closeDayExplained")}</p>
      <form class="inline" onSubmit=${submit}>
        <div class="field">
          <label for="close-day">${t("businessDay")}</label>
          <input id="close-day" type="date" required max=${latest} value=${day} onInput=${(event) => setDay(event.currentTarget.value)} />
        </div>
        <button class="first" aria-disabled=${state.phase === "running"}>${t(state.phase === "running" ? "closingNow" : "closeThisDay")}</button>
      </form>
      <p role="status">${state.run && html`<${Outcome} run=${state.run} day=${day} />`}</p>
      ${state.phase === "error" && html`<p class="wrong" role="alert">${t("notClosed", { reason: state.reason })}</p>`}
    </section>
  `;
}

function Outcome({ run, day }) {
  const isWrong = run.status !== "succeeded";
  const values = { ...runValues(run), day: dayText(day, locale()) };
  return html`<span class=${isWrong ? "wrong" : ""}>${t(`closing_${run.status}`, values)}</span>`;
}

function runValues(run) {
  return { closed: run.closed ?? 0, repaired: run.repaired ?? 0, failed: run.failed ?? 0 };
}

async function runClosing(day, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const started = await send("v1/closings", { method: "POST", headers, body: JSON.stringify({ day }) });
  const path = `v1/${started.headers.get("Location")}`;
  for (let poll = 0; poll < POLLS; poll += 1) {
    const run = await getJson(path);
    if (run.status !== "running") return run;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { status: "running" };
}
