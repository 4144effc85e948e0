// The dashboard: signs in, then shows the view that the address names.
import { html, render } from "../libraries/preact.js";
import { address, readAddress } from "./address.js";
import { forgetResponses } from "./api.js";
import { AccountantView } from "./accountant_view.js";
import { BankView } from "./bank_view.js";
import { DaysView } from "./days_view.js";
import { EntriesView } from "./entries_view.js";
import { EntryDialog } from "./entry_dialog.js";
import { t } from "./language.js";
import { MonthView } from "./month_view.js";
import { forgetOutbox } from "./recorder.js";
import { forgetValues } from "./resource.js";
import { Shell } from "./shell.js";
import { finishSignIn, signedInUser, signOut, startSignIn } from "./sign_in.js";
import { useStore } from "./store.js";
import { TodayView } from "./today_view.js";

const VIEW_COMPONENTS = {
  today: TodayView,
  month: MonthView,
  entries: EntriesView,
  days: DaysView,
  bank: BankView,
  accountant: AccountantView,
};
const page = document.getElementById("page");

function Dashboard({ user }) {
  const { view, filters } = useStore(address);
  const View = VIEW_COMPONENTS[view];
  return html`
    <${Shell} user=${user} onSignOut=${leave}><${View} user=${user} /></${Shell}>
    ${filters.entry && html`<${EntryDialog} key=${filters.entry} id=${filters.entry} user=${user} />`}
  `;
}

function SignedOut({ reason }) {
  const text = reason ? t("signInFailed", { reason }) : t("signedOut");
  return html`
    <main class="alone">
      <h1>${t("title")}</h1>
      <p role="alert">${text}</p>
      <button type="button" class="first" onClick=${startSignIn}>${t("signIn")}</button>
    </main>
  `;
}

// The figures leave the page before the browser does, so that going back shows none.
function leave() {
  render(null, page);
  forgetResponses();
  forgetValues();
  forgetOutbox();
  signOut();
}

async function start() {
  try {
    if (await finishSignIn()) {
      readAddress(); // the sign-in restored it
      render(html`<${Dashboard} user=${signedInUser()} />`, page);
    } else {
      await startSignIn();
    }
  } catch (error) {
    render(html`<${SignedOut} reason=${error.reason ?? error.message} />`, page);
  }
}

start();
