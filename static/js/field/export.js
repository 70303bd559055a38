/** The way out when nothing else works: everything unsent as one ZIP file (stored, not packed: photos do not shrink). */
import * as store from "./store.js";

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function numbers(...pairs) {
  const bytes = new Uint8Array(pairs.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of pairs) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

/** A ZIP of [{name, blob}]. Names are UTF-8. */
export async function zip(files) {
  const parts = [];
  const index = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const title = new TextEncoder().encode(name);
    const common = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
    const head = numbers([4, 0x04034b50], ...common);
    parts.push(head, title, bytes);
    index.push(numbers([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), title);
    offset += head.length + title.length + bytes.length;
  }
  const size = index.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]);
  return new Blob([...parts, ...index, end], { type: "application/zip" });
}

/** Everything on this phone that the server has not confirmed, as files. */
export async function unsent() {
  const [drafts, outbox, blobs] = await Promise.all([store.all("drafts"), store.all("outbox"), store.all("blobs")]);
  const json = (value) => new Blob([typeof value === "string" ? value : JSON.stringify(value, null, 1)], { type: "application/json" });
  return [
    ...drafts.map((draft) => ({ name: `${draft.visit_id}/draft.json`, blob: json(draft) })),
    ...outbox.filter((entry) => entry.body).map((entry) => ({ name: `${entry.visit_id}/body.json`, blob: json(entry.body) })),
    ...blobs.map((kept) => ({ name: `${kept.visit_id}/${kept.sha256}.${kept.media_type.startsWith("image/") ? "jpg" : "audio"}`, blob: kept.blob })),
  ];
}

/** Hands the backup to the phone's own download folder. */
export async function download() {
  const address = URL.createObjectURL(await zip(await unsent()));
  const link = document.createElement("a");
  link.href = address;
  link.download = `backup-${new Date().toISOString().slice(0, 10)}.zip`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
