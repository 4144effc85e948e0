// The frame of every view: title, navigation, language, sign out, and what is wrong with the network.
import { html, useEffect, useState } from "../libraries/preact.js";
import { address, viewLink, VIEWS } from "./address.js";
import { LiveRegion } from "./announce.js";
import { BASE } from "./config.js";
import { Keys } from "./keys.js";
import { language, switchLanguage, t } from "./language.js";
import { outbox } from "./recorder.js";
import { sessionEnded, startSignIn } from "./sign_in.js";
import { useStore } from "./store.js";

/** `children` is the current view. */
export function Shell({ user, onSignOut, children }) {
  const { view } = useStore(address);
  const isOnline = useOnline();
  const hasEnded = useStore(sessionEnded);
  useEffect(() => {
    document.documentElement.lang = language() === "pt" ? "pt-BR" : "en";
    document.title = `${t(view)} · ${t("title")}`;
  });
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
    <header class="bar">
      <p class="name"><strong>${t("title")}</strong> <span class="soft" dir="auto">${user.merchant}</span></p>
      <nav aria-label=${t("views")}>
        <ul>
          ${VIEWS.map((name) => html`
            <li><a href=${viewLink(name)} aria-current=${view === name ? "page" : undefined}>${t(name)}</a></li>
          `)}
        </ul>
      </nav>
      <div class="tools">
        <button type="button" class="link" lang=${language() === "pt" ? "en" : "pt-BR"} onClick=${switchLanguage}>
          ${t("otherLanguage")}
        </button>
        <button type="button" class="link" onClick=${onSignOut}>${t("signOut")}</button>
      </div>
    </header>
    ${hasEnded && html`<${SessionEnded} />`}
    ${!isOnline && html`<p class="banner" role="status">${t("offline")}</p>`}
    <main id="main" tabindex="-1">
      <h1 class="visually-hidden">${t(view)}</h1>
      ${children}
    </main>
    <footer class="foot soft">
      <p><span>${t("signedInAs", { user: user.username, merchant: user.merchant })}</span> <${Keys} /> <a href=${`${BASE}docs`}>${t("documentation")}</a></p>
    </footer>
    <${LiveRegion} />
  `;
}

function SessionEnded() {
  const isUnsent = useStore(outbox).length > 0;
  return html`
    <div class="banner" role="alert">
      <p>${t(isUnsent ? "signedOutUnsent" : "signedOut")}</p>
      <button type="button" class="first" onClick=${startSignIn}>${t("signIn")}</button>
    </div>
  `;
}

function skip(event) {
  event.preventDefault(); // the fragment of the address names the view
  document.getElementById("main").focus();
}

function useOnline() {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  return isOnline;
}
