// Files for the user: saved by the browser, under names of dates and accounts only.

/** Let the browser save a Blob under a name. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has its own copy as soon as the download starts.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A file of an archive with a JSON value. */
export function jsonFile(name, value) {
  return { name, bytes: new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`) };
}

/** A file of an archive with a text. */
export function textFile(name, text) {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** The name that a response gives to its file. */
export function fileName(response, otherwise) {
  const stated = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
  return stated?.[1] ?? otherwise;
}
