// The documentation page: Swagger UI over this service's own document, with the pool's sign-in.
import { getJson } from "./api.js";
import { BASE } from "./config.js";
import { addDays, dayOf, firstOfMonth } from "./days.js";
import { accessToken, finishSignIn, signedInUser, signOut, startSignIn } from "./sign_in.js";

const place = document.getElementById("user");
const operations = document.getElementById("operations");
// What Swagger UI leaves without a name.
const UNNAMED = {
  "textarea.body-param__text": "Request body",
  "select.content-type": "Content type of the request body",
  "input[type=file]": "File",
};

function show(text, button, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = button;
  element.addEventListener("click", action);
  place.replaceChildren(`${text} `, element);
}

function showUser(error) {
  const user = signedInUser();
  if (user) show(`Signed in as ${user.username}, of ${user.merchant}.`, "Sign out", signOut);
  else if (error) show(`You could not be signed in (${error}).`, "Sign in", startSignIn);
  else show("Sign in to run the examples.", "Sign in", startSignIn);
}

// The token goes to this service and nowhere else.
async function withToken(request) {
  if (signedInUser() && request.url.startsWith(BASE)) {
    request.headers.Authorization = `Bearer ${await accessToken()}`;
  }
  return request;
}

async function showOperations() {
  const response = await fetch(`${BASE}openapi.json`);
  const spec = withExamples(await response.json(), await ownExamples());
  new MutationObserver(labelFields).observe(operations, { childList: true, subtree: true });
  window.SwaggerUIBundle({
    domNode: operations,
    spec: { ...spec, servers: [{ url: BASE.slice(0, -1) }] },
    validatorUrl: null, // its default is another host
    requestInterceptor: withToken,
    tryItOutEnabled: true,
    persistAuthorization: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
  });
}

/** Examples from the signed-in user's own book, by parameter: its newest entry, and today's days. */
async function ownExamples() {
  const today = dayOf(new Date());
  const yesterday = addDays(today, -1);
  const days = { day: yesterday, month: today.slice(0, 7), from: firstOfMonth(today), to: today };
  const examples = { ...days, "Idempotency-Key": crypto.randomUUID() };
  if (!signedInUser()) return examples;
  const [entries, imports] = await Promise.all(
    ["v1/entries?limit=1", "v1/imports?limit=1"].map((path) => getJson(path).catch(() => ({ items: [] }))),
  );
  const entry = entries.items[0]?.id;
  const file = imports.items[0]?.id;
  return { ...examples, ...(entry && { entry_id: entry, entry }), ...(file && { import_id: file }) };
}

function withExamples(spec, examples) {
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    for (const parameter of operation.parameters) {
      if (parameter.example !== undefined && examples[parameter.name]) {
        parameter.example = examples[parameter.name];
      }
    }
    const body = operation.requestBody?.content["application/json"]?.example;
    if (body?.day) body.day = examples.day;
  }
  return spec;
}

function labelFields() {
  for (const [selector, name] of Object.entries(UNNAMED)) {
    for (const field of operations.querySelectorAll(`${selector}:not([aria-label])`)) {
      field.setAttribute("aria-label", name);
    }
  }
  for (const field of operations.querySelectorAll("tr[data-param-name] select:not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("tr").dataset.paramName);
  }
  // Long examples scroll, so the keyboard must reach them.
  for (const text of operations.querySelectorAll("pre.microlight:not([tabindex])")) text.tabIndex = 0;
}

async function startDocs() {
  let error = null;
  try {
    await finishSignIn();
  } catch (caught) {
    error = caught.reason ?? caught.message;
  }
  showUser(error);
  await showOperations();
}

startDocs();
