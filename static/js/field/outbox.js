/**
 * Sends what is finished: answers of every visit first, photos and recordings after. One tab sends at a time. A visit
 * leaves the phone only when a receipt names it and the server misses nothing of its evidence; what the server refuses
 * is kept and shown, never dropped.
 */
import { on, tell } from "./bus.js";
import * as device from "./device.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

const LONGEST_WAIT = 300_000;
const KEPT_RECEIPTS = 40;
const DAMAGED = 4;

/** Why nothing is being sent: "offline", "portal", "signed-out", or "" when all is well. Views read it. */
export let halted = "";
/** Bytes sent of the file that is on its way, by hash. */
export const sent = new Map();

let account = "";
let timer = 0;
let again = false;

/** Starts sending for `who`, now and whenever a network, a tab or the clock gives reason to. */
export function start(who) {
  account = who;
  addEventListener("online", () => retryAll());
  addEventListener("offline", () => halt("offline"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && pump());
  on("outbox", ({ elsewhere }) => !elsewhere && pump());
  pump();
}

/** Everything still to be sent, and the receipts of the last visits; newest last. */
export async function entries() {
  return (await store.all("outbox")).sort((a, b) => (a.ready_at < b.ready_at ? -1 : 1));
}

export const waiting = (entry) => entry.state !== "done";
export const stuck = (entry) => entry.state === "attention" || entry.state === "conflict";

/** Forgets the waiting time of everything that is not refused, and tries at once. */
export async function retryAll() {
  for (const entry of await entries()) {
    if (waiting(entry) && !stuck(entry) && entry.next_at) await store.put("outbox", { ...entry, next_at: 0 });
  }
  return pump();
}

/** Tries one refused or waiting visit again, because the person asks for it. */
export async function retry(visitId) {
  const entry = await store.get("outbox", visitId);
  if (!entry || !waiting(entry)) return;
  await store.put("outbox", { ...entry, state: entry.receipt ? "media" : "queued", next_at: 0, fault: null });
  await pump();
}

/** Opens a refused visit for correction: the draft is a draft again and the queued bytes are taken back. */
export function reopen(visitId) {
  return store.run(["drafts", "outbox"], "readwrite", async (tx) => {
    const draft = await tx.objectStore("drafts").get(visitId);
    if (!draft) return false;
    tx.objectStore("drafts").put({ ...draft, state: "draft" });
    tx.objectStore("outbox").delete(visitId);
    return true;
  });
}

function halt(reason) {
  if (halted === reason) return;
  halted = reason;
  tell("sending", {}, true);
}

/** Sends what is due. Runs in one tab only; asks itself again where something was queued meanwhile. */
export async function pump() {
  if (!account) return;
  if (!navigator.onLine) return halt("offline");
  again = true;
  await navigator.locks.request(`mingcha-outbox-${account}`, { ifAvailable: true }, async (lock) => {
    while (lock && again) {
      again = false;
      await round();
    }
  });
  await plan();
}

async function plan() {
  clearTimeout(timer);
  const due = (await entries()).filter((entry) => waiting(entry) && !stuck(entry)).map((entry) => entry.next_at);
  if (due.length && navigator.onLine && halted !== "signed-out") {
    timer = setTimeout(pump, Math.max(1_000, Math.min(...due) - Date.now()));
  }
}

async function round() {
  const due = async () => (await entries()).filter((one) => waiting(one) && !stuck(one) && one.next_at <= Date.now());
  for (const entry of await due()) if (!entry.receipt && !(await attempt(entry, sendAnswers))) return;
  for (const entry of await due()) if (entry.receipt && !(await attempt(entry, sendMedia))) return;
  await forgetOld();
}

/** One try. False where nothing else should be tried now (no network, portal, signed out). */
async function attempt(entry, work) {
  try {
    await work(entry);
    halt("");
    return true;
  } catch (error) {
    return failed(entry.visit_id, error);
  }
}

async function failed(visitId, error) {
  if (error instanceof protocol.SignedOut) {
    halt("signed-out");
    tell("signed-out", {}, true);
    return false;
  }
  const entry = await store.get("outbox", visitId);
  const refused = error instanceof protocol.Problem && !error.passing;
  const fault = { status: error.status ?? 0, detail: refused ? error.message : "", fields: refused ? error.fields : [] };
  if (refused) {
    const state = error.status === 409 ? "conflict" : "attention";
    await change(entry, { state, fault });
    return true;
  }
  const attempts = entry.attempts + 1;
  const wait = Math.max(Math.min(LONGEST_WAIT, 1_000 * 2 ** attempts), (error.retryAfter ?? 0) * 1_000);
  await change(entry, { attempts, next_at: Date.now() + wait, fault });
  halt(error instanceof protocol.Portal ? "portal" : error instanceof protocol.Offline ? "offline" : "");
  return error instanceof protocol.Problem;
}

async function change(entry, patch) {
  Object.assign(entry, patch);
  await store.put("outbox", entry);
  tell("sending", { visit_id: entry.visit_id });
}

async function sendAnswers(entry) {
  const receipt = await protocol.submit(entry.visit_id, entry.body, entry.body_sha256);
  await accept(entry, receipt);
}

async function accept(entry, receipt) {
  const missing = new Set(receipt.missing_evidence);
  const received = entry.evidence.map((one) => one.sha256).filter((sha) => !missing.has(sha));
  await change(entry, { receipt, received, state: "media", attempts: 0, next_at: 0, fault: null });
  if (!missing.size) await complete(entry);
}

async function complete(entry) {
  const done = { ...entry, body: null, state: "done", done_at: device.instant() };
  Object.assign(entry, done);
  await store.settle(done);
  tell("sending", { visit_id: entry.visit_id });
  tell("draft", { visit_id: entry.visit_id });
}

/** True where this phone is on a metered line and the person asked to wait for Wi-Fi. */
export const waitsForWifi = () => device.get("wifi_only", false) && navigator.connection?.type === "cellular";

async function sendMedia(entry) {
  if (waitsForWifi()) return change(entry, { next_at: Date.now() + 60_000 });
  const missing = entry.evidence.filter((one) => !entry.received.includes(one.sha256));
  for (const one of missing) {
    await sendFile(entry, one);
    await change(entry, { received: [...entry.received, one.sha256] });
    sent.delete(one.sha256);
  }
  // Only the server can say that nothing is missing: the same bytes once more give the receipt of now.
  const receipt = await protocol.submit(entry.visit_id, entry.body, entry.body_sha256);
  if (receipt.missing_evidence.length) {
    await change(entry, { receipt, received: entry.received.filter((sha) => !receipt.missing_evidence.includes(sha)) });
    throw new protocol.Offline("evidence is still missing");
  }
  await accept(entry, receipt);
}

async function sendFile(entry, { sha256 }) {
  const kept = await store.get("blobs", [entry.visit_id, sha256]);
  if (!kept) throw new protocol.Problem(410, { detail: "gone-from-phone" }, new Headers());
  let { offset, complete: whole } = await protocol.evidenceOffset(sha256);
  for (let tries = 0; !whole; ) {
    sent.set(sha256, offset);
    tell("progress", { visit_id: entry.visit_id }, true);
    const before = offset;
    try {
      ({ offset, complete: whole } = await protocol.evidencePart(sha256, offset, kept.blob.slice(offset, offset + protocol.PART)));
    } catch (error) {
      // Damaged on the way: the server begins anew, and so do we, a few times.
      if (error.status === 422 && entry.attempts < DAMAGED) throw new protocol.Offline("damaged on the way");
      if (error.status !== 409 || error.offset === null) throw error;
      offset = Number(error.offset);
    }
    if (!whole && offset >= kept.size) return;
    tries = offset > before ? 0 : tries + 1;
    if (tries > 3) throw new protocol.Offline("no progress");
  }
}

/** Old receipts make room; what is waiting is never touched. */
async function forgetOld() {
  const done = (await entries()).filter((entry) => !waiting(entry));
  for (const entry of done.slice(0, Math.max(0, done.length - KEPT_RECEIPTS))) await store.remove("outbox", entry.visit_id);
}
