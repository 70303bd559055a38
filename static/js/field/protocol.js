/**
 * The phone's side of the protocol: every request to the server goes through here.
 *
 * What this file expects of the server (all under `/api/v1`, JSON in UTF-8, errors are RFC 9457 problem documents):
 *
 *   GET    /session                     → {csrf, account_id, build}; 401 where the field session has ended
 *   GET    /assignments                 → {items: [{id, checklist_version_id, status, touchpoint: {id, kind, name, code,
 *                                          address, unit_name, hotline_number}, window: {start, end}, programme: {name, manner, channel},
 *                                          scenario: {persona, goal, script: text | {do, say, never}, time_limit?} | null,
 *                                          briefing, respond_by, visit_id | null, notes, points?, offered_at?}]}
 *                                          `visit_status: "returned"` (or a non-empty `notes`) marks a returned visit;
 *                                          `notes` = [{item_id | null, text}], `return_deadline` an instant or null
 *   GET    /checklists/{version}        → the frozen checklist; texts are {zh, en} or plain strings
 *   POST   /assignments/{id}/acceptance → the assignment, 200 or 201; twice is no error
 *   POST   /assignments/{id}/decline    ← {reason, note} → the assignment
 *   PUT    /visits/{visit_id}           → receipt {visit_id, body_sha256, received_at, status, missing_evidence}
 *   GET    /visits/{visit_id}           → {visit_id, status, revision, body: {…as sent…}, notes: [{item_id, text}], deadline?}
 *   PUT    /drafts/{visit_id}           ← the draft as JSON → 2xx;  GET gives it back, 404 where there is none
 *   HEAD   /evidence/{sha256}           → `Upload-Offset: n` (the bytes the server has), `Upload-Complete: ?1` when all
 *   PUT    /evidence/{sha256}           ← one part, `Upload-Offset: n` → JSON {offset, complete}, or the two headers above;
 *                                          a wrong offset is 409 with the right one in `Upload-Offset`
 *
 * Writes carry `X-CSRF-Token`, read from the page and renewed through `GET /session`.
 *
 * Only JSON counts as an answer: a captive portal's friendly 200 page is a `Portal` error and nothing is taken as sent.
 */
import * as device from "./device.js";

const BASE = "/api/v1";
export const PART = 128 * 1024;

/** No network, a time-out, or a broken connection: try again later. */
export class Offline extends Error {}
/** Something between us and the server answered in its place: try again later. */
export class Portal extends Error {}
/** The sign-in has ended. Nothing is lost; the person has to sign in again. */
export class SignedOut extends Error {}

/** A refusal or failure of the server, with its problem document. */
export class Problem extends Error {
  constructor(status, document, headers) {
    super(document.detail || document.title || String(status));
    this.status = status;
    this.document = document;
    this.retryAfter = Number(headers.get("Retry-After")) || 0;
    this.offset = headers.get("Upload-Offset");
  }

  /** True where the same request may succeed later without anybody doing anything. */
  get passing() {
    return this.status >= 500 || [408, 425, 429].includes(this.status);
  }

  /** The faults by field: [{path, code, message}]. */
  get fields() {
    const list = this.document.errors ?? this.document.fields ?? [];
    return Array.isArray(list) ? list : [];
  }
}

let token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function exchange(method, path, { body, type, headers = {}, timeout = 30_000 } = {}) {
  const all = { Accept: "application/json", ...headers };
  if (type) all["Content-Type"] = type;
  if (!["GET", "HEAD"].includes(method)) all["X-CSRF-Token"] = token;
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      body,
      headers: all,
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw new Offline(error.message);
  }
  if (response.type === "opaqueredirect" || response.status === 511) throw new Portal();
  if (response.status === 401) throw new SignedOut();
  return response;
}

async function document_(response) {
  if (!/[/+]json\b/.test(response.headers.get("Content-Type") ?? "")) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

async function ask(method, path, options = {}, again = true) {
  const response = await exchange(method, path, options);
  if (response.ok) {
    if (response.status === 204) return null;
    const found = await document_(response);
    if (found === null) throw new Portal();
    return found;
  }
  const problem = await document_(response);
  if (problem === null) {
    if (response.status >= 500) throw new Problem(response.status, {}, response.headers);
    throw new Portal();
  }
  if (response.status === 403 && method !== "GET" && again) {
    await session();
    return ask(method, path, options, false);
  }
  throw new Problem(response.status, problem, response.headers);
}

const send = (method, path, value) =>
  ask(method, path, { body: typeof value === "string" ? value : JSON.stringify(value), type: "application/json" });

/** Who is signed in; renews the CSRF token and measures how far this phone's clock is off. */
export async function session() {
  const asked = Date.now();
  const response = await exchange("GET", "/session", { timeout: 12_000 });
  const found = await document_(response);
  if (!response.ok || !found?.account_id) {
    if (found && !response.ok) throw new Problem(response.status, found, response.headers);
    throw new Portal();
  }
  token = found.csrf ?? token;
  const served = Date.parse(response.headers.get("Date") ?? "");
  if (served) device.set("clock_offset_ms", Math.round(served - (asked + Date.now()) / 2));
  return found;
}

export const assignments = async () => (await ask("GET", "/assignments")).items;
export const checklist = (version) => ask("GET", `/checklists/${version}`);
export const accept = (id) => send("POST", `/assignments/${id}/acceptance`, {});
export const decline = (id, reason, note) => send("POST", `/assignments/${id}/decline`, { reason, note });
export const visit = (id) => ask("GET", `/visits/${id}`);
export const draft = (id) => ask("GET", `/drafts/${id}`);
export const mirror = (id, record) => send("PUT", `/drafts/${id}`, record);

/** Ends the sign-in. What is on the phone stays there. */
export const signOut = () => fetch("/session/end", { method: "POST", headers: { "X-CSRF-Token": token }, redirect: "manual" });

/** Sends the finished visit. Resolves only with a receipt that names this visit and exactly these bytes. */
export async function submit(visitId, body, bodySha256) {
  const receipt = await send("PUT", `/visits/${visitId}`, body);
  if (receipt?.visit_id !== visitId || receipt.body_sha256 !== bodySha256 || !Array.isArray(receipt.missing_evidence)) {
    throw new Portal();
  }
  return receipt;
}

/** What the server already holds of one file: {offset, complete}. */
export async function evidenceOffset(sha256) {
  const response = await exchange("HEAD", `/evidence/${sha256}`);
  if (!response.ok) throw new Problem(response.status, {}, response.headers);
  const offset = response.headers.get("Upload-Offset");
  if (offset === null) throw new Portal();
  return { offset: Number(offset), complete: response.headers.get("Upload-Complete") === "?1" };
}

/** Sends one part of a file from `offset` on; tells how far the server has come. */
export async function evidencePart(sha256, offset, part) {
  const response = await exchange("PUT", `/evidence/${sha256}`, {
    body: part,
    type: "application/octet-stream",
    headers: { "Upload-Offset": String(offset) },
    timeout: 120_000,
  });
  const told = response.headers.get("Upload-Offset");
  const found = await document_(response);
  if (!response.ok) {
    if (found === null && response.status < 500 && told === null) throw new Portal();
    throw new Problem(response.status, found ?? {}, response.headers);
  }
  if (told === null && typeof found?.offset !== "number") throw new Portal();
  return {
    offset: Number(told ?? found.offset),
    complete: response.headers.get("Upload-Complete") === "?1" || found?.complete === true,
  };
}
