// ZIP archives, stored without compression (PKWARE, APPNOTE 6.3), made in the browser.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
const UTF8_NAMES = 0x0800;
const VERSION = 20;
const SIGNATURES = { file: 0x04034b50, entry: 0x02014b50, end: 0x06054b50 };
// 1980-01-01, the first date that the format has: equal files give an equal archive.
const FIRST_DATE = 0x21;

/** A Blob with these files: `[{name, bytes}]`, names with folders such as `provas/keys.json`. */
export function zipOf(files) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const path = new TextEncoder().encode(name);
    const shared = sharedFields(bytes, path);
    const header = record([4, SIGNATURES.file], ...shared);
    parts.push(header, path, bytes);
    entries.push(
      record([4, SIGNATURES.entry], [2, VERSION], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]),
      path,
    );
    at += header.length + path.length + bytes.length;
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0);
  const end = record(
    [4, SIGNATURES.end], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0],
  );
  return new Blob([...parts, ...entries, end], { type: "application/zip" });
}

// The fields that a file's header and its entry in the directory have in common.
function sharedFields(bytes, path) {
  return [
    [2, VERSION], [2, UTF8_NAMES], [2, 0], [2, 0], [2, FIRST_DATE],
    [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, path.length], [2, 0],
  ];
}

function record(...fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
