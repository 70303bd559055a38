/**
 * Makes evidence of a file: reads the time of the photo first, fingerprints the original, makes it smaller (which drops
 * every other tag, position included) and hands back what is to be stored at once.
 */
import { instant, sha256 } from "./device.js";

const COMPRESSOR = "/static/vendor/compressor.js";
const EDGE = 1600;
const QUALITY = 0.8;
const FRESH = 10 * 60_000;

/** The file is not what the item asks for; `reason` is "not-an-image", "too-large" or "not-live". */
export class Refused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** When the photo was taken, as its own EXIF says ("YYYY:MM:DD HH:MM:SS" and, where there is one, the offset), or null. */
export async function exifTime(file) {
  const view = new DataView(await file.slice(0, 262_144).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 < view.byteLength; ) {
    const marker = view.getUint16(at);
    const size = view.getUint16(at + 2);
    if (marker === 0xffe1 && at + 10 < view.byteLength && view.getUint32(at + 4) === 0x45786966) return readTiff(view, at + 10);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda || size < 2) return null;
    at += 2 + size;
  }
  return null;
}

function readTiff(view, base) {
  try {
    const little = view.getUint16(base) === 0x4949;
    const first = tags(view, base, view.getUint32(base + 4, little), little);
    const inner = first.has(0x8769) ? tags(view, base, first.get(0x8769).value, little) : new Map();
    const stamp = text(view, base, inner.get(0x9003) ?? first.get(0x0132));
    const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(stamp);
    if (!match) return null;
    const [, year, month, day, hours, minutes, seconds] = match;
    const offset = text(view, base, inner.get(0x9011));
    const clock = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}`;
    const found = new Date(/^[+-]\d\d:\d\d$/.test(offset) ? clock + offset : clock);
    return Number.isNaN(found.getTime()) ? null : found;
  } catch {
    return null;
  }
}

function tags(view, base, offset, little) {
  const found = new Map();
  const count = view.getUint16(base + offset, little);
  for (let n = 0; n < count; n += 1) {
    const at = base + offset + 2 + n * 12;
    const length = view.getUint32(at + 4, little);
    found.set(view.getUint16(at, little), { length, value: view.getUint32(at + 8, little) });
  }
  return found;
}

function text(view, base, tag) {
  if (!tag || tag.length <= 4) return "";
  let out = "";
  for (let n = 0; n < tag.length - 1; n += 1) out += String.fromCharCode(view.getUint8(base + tag.value + n));
  return out.trim();
}

async function shrink(file) {
  const { default: Compressor } = await import(COMPRESSOR);
  return new Promise((resolve, reject) => {
    // `strict: false`: otherwise a small original comes back as it is, with its position tags.
    new Compressor(file, {
      strict: false,
      quality: QUALITY,
      maxWidth: EDGE,
      maxHeight: EDGE,
      mimeType: "image/jpeg",
      convertSize: 0,
      retainExif: false,
      success: resolve,
      error: () => reject(new Refused("not-an-image")),
    });
  });
}

/** A photo from the camera or the gallery. `live`: the item takes only what was photographed just now. */
export async function photo(file, source, live = false) {
  if (!file.type.startsWith("image/")) throw new Refused("not-an-image");
  const taken = (await exifTime(file)) ?? new Date(file.lastModified);
  if (live && (source !== "camera" || Date.now() - taken.getTime() > FRESH)) throw new Refused("not-live");
  const original = await sha256(file);
  const blob = await shrink(file);
  return {
    sha256: await sha256(blob),
    blob: new Blob([blob], { type: "image/jpeg" }),
    size: blob.size,
    media_type: "image/jpeg",
    taken_at: instant(taken),
    original_sha256: original,
    source,
  };
}

const AUDIO_LIMIT = 50 * 1_048_576;

/** A recording that the phone's own recorder made. It is kept as it is. */
export async function recording(file) {
  if (!file.type.startsWith("audio/") && !/\.(m4a|mp3|amr|aac|wav|ogg|3gp)$/i.test(file.name)) throw new Refused("not-audio");
  if (file.size > AUDIO_LIMIT) throw new Refused("too-large");
  const original = await sha256(file);
  const media = file.type.startsWith("audio/") ? file.type : "audio/mp4";
  return {
    sha256: original,
    blob: new Blob([file], { type: media }),
    size: file.size,
    media_type: media,
    taken_at: instant(new Date(file.lastModified)),
    original_sha256: original,
    source: "file",
  };
}
