/** Language: English texts are the message ids; the Chinese catalogue comes from the server and is kept for offline use. */
import * as device from "./device.js";

const HTML_LANG = { zh: "zh-CN", en: "en-GB" };
const ZONE = "Asia/Shanghai";
let messages = {};
export let locale = "zh";

/** Loads the catalogue of `chosen`; English needs none. */
export async function load(chosen) {
  locale = chosen === "en" ? "en" : "zh";
  document.documentElement.lang = locale === "en" ? "en" : "zh-CN";
  messages = {};
  if (locale === "en") return;
  try {
    const response = await fetch(`/field/messages/${locale}.json`, { signal: AbortSignal.timeout(15_000) });
    messages = await response.json();
    device.set(`messages.${locale}`, messages);
  } catch {
    messages = device.get(`messages.${locale}`, {});
  }
}

const fill = (text, params) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in params ? params[key] : whole));

/** The text in the reader's language, with `{name}` places filled. */
export function t(message, params = {}) {
  const found = messages[message];
  return fill(Array.isArray(found) ? found[0] : (found ?? message), params);
}

/** A counted text: English has two forms, Chinese one. `{n}` is the number. */
export function tn(one, many, n, params = {}) {
  const found = messages[one];
  const text = found === undefined ? (n === 1 ? one : many) : Array.isArray(found) ? found[0] : found;
  return fill(text, { n, ...params });
}

/** The reader's text of a {zh, en} pair; plain strings pass through. */
export function pick(texts) {
  if (texts === null || texts === undefined) return "";
  if (typeof texts === "string") return texts;
  return texts[locale] || texts[locale === "zh" ? "en" : "zh"] || "";
}

const format = (options) => new Intl.DateTimeFormat(HTML_LANG[locale], { timeZone: ZONE, ...options });

/** Hours and minutes in Shanghai. */
export const hour = (at) => format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
/** Hours, minutes and seconds in Shanghai. */
export const second = (at) =>
  format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** Day and weekday in Shanghai. */
export function day(at) {
  const date = new Date(at);
  const number = format({ month: locale === "zh" ? "long" : "short", day: "numeric" }).format(date);
  return `${number}${locale === "zh" ? " " : ", "}${format({ weekday: "short" }).format(date)}`;
}

/** The day, or "today". */
export const nearDay = (at) => (dayKey(at) === dayKey(Date.now()) ? t("today") : day(at));

/** The calendar day in Shanghai as text that sorts. */
export const dayKey = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(at));

/** A length of time in words: minutes and seconds. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (!minutes) return t("{s} s", { s: whole });
  return t("{m} min {s} s", { m: minutes, s: String(whole % 60).padStart(2, "0") });
}

/** A length of time as a clock shows it. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
}

/** Bytes as megabytes with one decimal place. */
export function megabytes(bytes) {
  return t("{n} MB", { n: bytes ? Math.max(0.1, bytes / 1_048_576).toFixed(1) : "0" });
}

/** A figure without trailing zeros. */
export const figure = (value) => String(Number(value));
