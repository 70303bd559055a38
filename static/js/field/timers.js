/**
 * Time marks. Only instants are kept, never counters: a mark survives a reload, the background and a phone call, and
 * what has passed is worked out whenever somebody looks.
 */
import { instant } from "./device.js";

/** The five marks of a hotline call, in order. */
export const CALL = ["dial", "menu", "queue", "agent", "hang_up"];
export const IN = "check_in";
export const OUT = "check_out";
/** Which call marks measure which item. */
export const MEASURES = { "agent-wait": ["queue", "agent"], "total-time": ["dial", "hang_up"] };

/** The mark, or undefined. Every mark stands once; the last one written counts. */
export const find = (timeline, mark) => timeline.findLast((entry) => entry.mark === mark);

/** Writes a mark now, or later for an instant that has passed (then it says so). Replaces an earlier one. */
export function mark(timeline, name, at = null) {
  const rest = timeline.filter((entry) => entry.mark !== name);
  rest.push({ mark: name, at: at ? instant(at) : instant(), added_later: Boolean(at) });
  return rest.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Seconds between two marks; to now where the second is open; null where the first is missing. */
export function between(timeline, first, last, now = Date.now()) {
  const from = find(timeline, first);
  if (!from) return null;
  const to = find(timeline, last);
  return ((to ? Date.parse(to.at) : now) - Date.parse(from.at)) / 1000;
}

/** The names of an item's own stopwatch marks. */
export const watch = (item) => [`${item.id}:start`, `${item.id}:stop`];

/** True while an item's stopwatch runs. */
export function running(timeline, item) {
  const [start, stop] = watch(item);
  return Boolean(find(timeline, start)) && !find(timeline, stop);
}

/** The next mark of a call, or null after the last. */
export function nextOfCall(timeline) {
  const last = CALL.findLastIndex((name) => find(timeline, name));
  return CALL[last + 1] ?? null;
}

/** An instant today from "HH:MM" or "HH:MM:SS" on this phone's clock; yesterday where that lies ahead. */
export function parseClock(text) {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const at = new Date();
  at.setHours(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), 0);
  if (at > Date.now() + 60_000) at.setDate(at.getDate() - 1);
  return at;
}
