// The seal of a closing, computed as docs/seals.md describes it, by the browser's own cryptography.

const encoder = new TextEncoder();
const NOT_IN_HEADER = ["entries_root", "root", "signature", "key_id"];
const STATEMENT = ["merchant", "day", "version", "sequence", "root"];
const LEAF = [
  "account", "amount", "currency", "day", "entry", "occurred_at", "recorded_at", "reverses",
  "text_digest", "type",
];
const P256_BYTES = 32;

/** Canonical JSON (RFC 8785) of the texts, whole numbers, lists and objects in a seal. */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(",")}}`;
}

/** The hash of a leaf, over all its fields and no others. */
export function leafHash(leaf) {
  const { text: _, ...sealed } = leaf;
  if (Object.keys(sealed).sort().join() !== LEAF.join()) throw new Error("a leaf has other fields");
  return hash([0], "livro-caixa/leaf/1\n", canonicalJson(sealed));
}

/** The root over the header of a closing and its entries: what is signed. */
export async function closingRoot(closing) {
  const header = Object.fromEntries(
    Object.entries(closing).filter(([name]) => !NOT_IN_HEADER.includes(name)),
  );
  const headerHash = await hash([2], "livro-caixa/header/1\n", canonicalJson(header));
  return hex(await node(headerHash, bytesOf(closing.entries_root)));
}

/** The root of the tree over the hashes of all leaves, in the shape of RFC 6962, section 2.1. */
export async function treeRoot(hashes) {
  if (hashes.length === 0) return hash();
  if (hashes.length === 1) return hashes[0];
  let left = 1;
  while (left * 2 < hashes.length) left *= 2;
  const [first, second] = await Promise.all([
    treeRoot(hashes.slice(0, left)),
    treeRoot(hashes.slice(left)),
  ]);
  return node(first, second);
}

/** Whether the path of a proof leads from its leaf to its root. */
export async function provesInclusion(proof) {
  let reached = await leafHash(proof.leaf);
  for (const { side, hash: sibling } of proof.path) {
    const other = bytesOf(sibling);
    reached = side === "left" ? await node(other, reached) : await node(reached, other);
  }
  const named = proof.leaf.entry === proof.entry && proof.leaf.day === proof.day;
  return named && hex(reached) === proof.root;
}

/** A public key for `isSigned`, of a PEM text (P-256, SPKI). Throws for any other text. */
export function publicKey(pem) {
  const base64 = pem.replace(/-----[A-Z ]+-----|\s/g, "");
  const bytes = bytesOfBase64(base64);
  return crypto.subtle.importKey("spki", bytes, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
}

/** Whether a key signed the merchant, day, version, sequence and root of a closing or a proof. */
export function isSigned(item, key) {
  const statement = Object.fromEntries(STATEMENT.map((name) => [name, item[name]]));
  const content = encoder.encode(`livro-caixa/statement/1\n${canonicalJson(statement)}`);
  const signature = rawSignature(bytesOfBase64(item.signature));
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, content);
}

/** Bytes in lower-case hexadecimal. */
export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function node(left, right) {
  return hash([1], left, right);
}

async function hash(...parts) {
  const all = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const joined = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

// DER is a sequence of two integers; WebCrypto takes them side by side, each with 32 bytes.
function rawSignature(der) {
  const raw = new Uint8Array(2 * P256_BYTES);
  let at = 2;
  for (const end of [P256_BYTES, 2 * P256_BYTES]) {
    const length = der[at + 1];
    const number = der.slice(at + 2, at + 2 + length);
    const digits = number.slice(Math.max(0, number.length - P256_BYTES));
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return raw;
}

function bytesOf(hexText) {
  return Uint8Array.from(hexText.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function bytesOfBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
