// Who the merchant is, for the opening and closing terms of the book.
import { html, useState } from "../libraries/preact.js";
import { announce } from "./announce.js";
import { sendJson } from "./api.js";
import { t } from "./language.js";
import { fieldTexts, reasonOf } from "./problems.js";
import { bookChanged, useResource } from "./resource.js";

const FIELDS = ["name", "document", "town", "state"];

export function BookTerms({ user }) {
  const stored = useResource("v1/merchant");
  const [changed, setChanged] = useState({});
  const [errors, setErrors] = useState({});
  if (!user.canClose) return null;
  const fields = { ...stored.value, ...changed };
  const submit = async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(FIELDS.map((name) => [name, (fields[name] ?? "").trim()]));
    try {
      await sendJson("PUT", "v1/merchant", body);
      setErrors({});
      setChanged({});
      announce(t("termsSaved"));
      bookChanged();
    } catch (error) {
      const texts = fieldTexts(error);
      setErrors(FIELDS.some((name) => texts[name]) ? texts : { form: reasonOf(error) });
    }
  };
  return html`
    <section class="card" aria-labelledby="terms-title">
      <h2 id="terms-title">${t("bookTerms")}</h2>
      <p class="soft">${t("bookTermsText")}</p>
      <form onSubmit=${submit}>
        <div class="fields">
          ${FIELDS.map((name) => html`
            <div class="field" key=${name}>
              <label for=${`terms-${name}`}>${t(`terms_${name}`)}</label>
              <input id=${`terms-${name}`} value=${fields[name] ?? ""} autocomplete="off" maxlength=${name === "state" ? 2 : undefined}
                aria-invalid=${Boolean(errors[name])} onInput=${(event) => setChanged({ ...changed, [name]: event.currentTarget.value })} />
              ${errors[name] && html`<p class="wrong">${errors[name]}</p>`}
            </div>
          `)}
        </div>
        ${errors.form && html`<p class="wrong" role="alert">${errors.form}</p>`}
        <div class="buttons"><button class="quiet">${t("save")}</button></div>
      </form>
    </section>
  `;
}
