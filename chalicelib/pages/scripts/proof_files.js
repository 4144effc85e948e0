// The files with which verify.py checks a day without this service.
import { getJson } from "./api.js";
import { jsonFile, textFile } from "./downloads.js";
import { t } from "./language.js";

/** The files of days that were read, in a folder: `days` are results of checkDay. */
export async function proofFiles(days, folder = "") {
  const first = Math.min(...days.flatMap(({ closings }) => closings.items.map((item) => item.sequence)));
  const files = days.flatMap(({ closing, closings, leaves }) => [
    jsonFile(`${folder}closings-${closing.day}.json`, closings),
    jsonFile(`${folder}leaves-${closing.day}-v${closing.version}.json`, {
      merchant: closing.merchant,
      day: closing.day,
      version: closing.version,
      items: leaves,
      next_cursor: null,
    }),
  ]);
  const head = await getJson("v1/closings/head").catch(() => null);
  const headFiles = head ? [jsonFile(`${folder}head.json`, head)] : [];
  const keys = jsonFile(`${folder}keys.json`, days[0].keys);
  return [keys, ...files, ...headFiles, textFile(`${folder}${t("readMeName")}`, t("readMe", { since: first }))];
}
