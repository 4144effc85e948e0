// Why a request failed, in the page's language. The service says it in English, with stable names:
// of the problem of a file or an import, of the fields, and the status.
import { OfflineError, ProblemError } from "./api.js";
import { language, t } from "./language.js";
import { problemTexts } from "./texts_problems.js";

/** Why; `otherConflict` is the name of the text for a conflict without a reason. */
export function reasonOf(error, otherConflict = "status_409") {
  if (error instanceof OfflineError) return t("offlineNow");
  if (error.reason) return t("signedOut");
  if (!(error instanceof ProblemError)) return error.message;
  const { file, conflict } = error.problem;
  const fields = new Set(Object.values(fieldTexts(error)));
  if (file && textOf(`file_${file.reason}`)) return textOf(`file_${file.reason}`, file);
  if (fields.size) return [...fields].join(" ");
  if (conflict && textOf(`conflict_${conflict.reason}`)) return textOf(`conflict_${conflict.reason}`, conflict);
  if (error.status === 409) return t(otherConflict);
  return textOf(`status_${Math.min(error.status, 500)}`) ?? error.message;
}

/** What would be correct, by field. */
export function fieldTexts(error) {
  const fields = Object.entries(error.fields ?? {});
  return Object.fromEntries(fields.map(([name, message]) => [name, fieldText(name, message)]));
}

// A field of a part is named by its path, as in `decisions.0.entry`.
function fieldText(name, message) {
  const part = name.split(".").findLast((each) => textOf(`field_${each}`));
  if (part) return t(`field_${part}`);
  return language() === "pt" ? t("status_422") : message;
}

function textOf(name, values) {
  return name in problemTexts ? t(name, values) : null;
}
