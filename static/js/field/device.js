/** Small settings of this phone (never answers or evidence): kept in localStorage, so that they can be read at once. */
const PREFIX = "mingcha.";

export function get(key, otherwise = null) {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function set(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A phone that refuses localStorage still works; it only forgets this setting.
  }
}

/** 128 random bits as 32 hexadecimal digits: tells neither time nor order. */
export function randomId() {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of text, bytes or a blob, as 64 hexadecimal digits. */
export async function sha256(data) {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data instanceof Blob ? await data.arrayBuffer() : data;
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The name this phone gives itself; random, made once. */
export function id() {
  let found = get("device_id");
  if (!found) set("device_id", (found = randomId()));
  return found;
}

/** Now, as the protocol writes instants: ISO 8601 with the phone's own offset. */
export function instant(date = new Date()) {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

/** Asks the browser not to clear our storage; true when it agreed. */
export async function persist() {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

/** Language and theme are cookies of the whole site: the other pages follow what is chosen here, and the other way. */
export function choice(name) {
  return new RegExp(`(?:^|; )mingcha_${name}=(\\w+)`).exec(document.cookie)?.[1] ?? null;
}

export function choose(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `mingcha_${name}=${value}; path=/; max-age=31536000; SameSite=Lax${secure}`;
}
