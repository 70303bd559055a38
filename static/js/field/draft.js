/**
 * A visit while it is being filled in. Every change is written to the phone at once and mirrored to the server while
 * there is a network. What could not be written stays in memory, is tried again, and the page says so in red.
 */
import { tell } from "./bus.js";
import * as device from "./device.js";
import { hour, pick } from "./i18n.js";
import * as protocol from "./protocol.js";
import { lost, normalise } from "./rules.js";
import * as store from "./store.js";

const MIRROR_AFTER = 2_500;
const RETRY_AFTER = 3_000;

/** The visit was finished (here or in another tab) and takes no more changes. */
export class Finished extends Error {}

function blank(assignment) {
  return {
    visit_id: device.randomId(),
    assignment_id: assignment.id,
    checklist_version_id: assignment.checklist_version_id,
    revision: 1,
    state: "draft",
    started_at: device.instant(),
    check_in: null,
    check_out: null,
    answers: {},
    evidence: [],
    timeline: [],
    subject: { badge: "", desk: "", description: "", agent_no: "" },
    call: null,
    consents: { position: null, audio: false },
    declaration: false,
    place: null,
    notes: [],
    saved_at: device.instant(),
  };
}

/** Begins the visit of an accepted assignment; the draft that is already there comes back instead of a second one. */
export async function begin(assignment) {
  device.persist();
  const fresh = blank(assignment);
  return store.run(["drafts", "assignments"], "readwrite", async (tx) => {
    const there = (await tx.objectStore("drafts").getAll()).find((one) => one.assignment_id === assignment.id);
    if (there) return there;
    tx.objectStore("drafts").put(fresh);
    return fresh;
  });
}

/** Turns the bytes of a returned visit into the draft of its next revision. */
export function fromReturned(found, assignment) {
  const body = found.body ?? found;
  const answers = {};
  for (const { item_id: id, ...answer } of body.answers ?? []) {
    answers[id] = { ...answer, evidence: answer.evidence ?? [] };
  }
  const base = blank(assignment);
  const visitId = found.visit_id ?? assignment.visit_id;
  return {
    ...base,
    visit_id: visitId,
    place: `/check/${visitId}`,
    revision: Number(found.revision ?? body.revision ?? 1) + 1,
    started_at: body.started_at ?? base.started_at,
    check_in: body.check_in ?? null,
    check_out: body.check_out ?? null,
    answers,
    evidence: body.evidence ?? [],
    timeline: body.timeline ?? [],
    subject: { ...base.subject, ...clean(body.subject ?? {}) },
    call: body.call ?? null,
    consents: body.consents ?? base.consents,
    notes: found.notes ?? assignment.notes ?? [],
  };
}

const clean = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined && value !== ""));

/** Brings a returned visit, or a draft that only the server still has, onto this phone. Null where there is none. */
export async function fetchBack(assignment, returned) {
  let record;
  if (returned) record = fromReturned(await protocol.visit(assignment.visit_id), assignment);
  else {
    const kept = await protocol.draft(assignment.visit_id).catch((error) => (error instanceof protocol.Problem ? null : Promise.reject(error)));
    record = kept?.visit_id ? { ...blank(assignment), ...kept } : null;
  }
  if (record) {
    await store.run(["drafts"], "readwrite", async (tx) => {
      const there = await tx.objectStore("drafts").get(record.visit_id);
      if (!there || there.revision < record.revision) tx.objectStore("drafts").put(record);
    });
  }
  return record;
}

/** The open draft: the record, its checklist and its assignment. */
export class Draft {
  #pending = null;
  #writing = null;
  #mirroring = 0;

  constructor(record, checklist, assignment) {
    this.record = record;
    this.checklist = checklist;
    this.assignment = assignment;
    this.failed = null;
  }

  /** Loads a draft from this phone; null where it is not here. */
  static async load(visitId) {
    const record = await store.get("drafts", visitId);
    if (!record) return null;
    const [checklist, assignment] = await Promise.all([
      store.get("checklists", record.checklist_version_id),
      store.get("assignments", record.assignment_id),
    ]);
    return checklist ? new Draft(record, normalise(checklist), assignment ?? null) : null;
  }

  /** The time of the last change, as a clock shows it. */
  savedAt() {
    return hour(this.record.saved_at);
  }

  answer(itemId) {
    return this.record.answers[itemId] ?? { evidence: [] };
  }

  /** Changes one answer; the instant of answering is kept with it. */
  set(itemId, patch) {
    const next = { ...this.answer(itemId), ...patch, answered_at: device.instant() };
    for (const key of Object.keys(next)) if (next[key] === undefined) delete next[key];
    return this.change((record) => {
      record.answers[itemId] = next;
    });
  }

  /** Changes the record and writes it at once. Resolves when it is on the disk, or has failed (see `failed`). */
  change(work) {
    work(this.record);
    this.record.saved_at = device.instant();
    this.#pending = true;
    this.#writing ??= this.#flush();
    return this.#writing;
  }

  async #flush() {
    await null;
    while (this.#pending) {
      this.#pending = null;
      const copy = structuredClone(this.record);
      try {
        await store.run(["drafts"], "readwrite", (tx) => Draft.#write(tx, copy));
        this.failed = null;
        tell("draft", { visit_id: copy.visit_id });
        this.#mirror();
      } catch (error) {
        this.failed = error;
        tell("draft", { visit_id: copy.visit_id }, true);
        if (!(error instanceof Finished)) setTimeout(() => this.change(() => {}), RETRY_AFTER);
      }
    }
    this.#writing = null;
  }

  static async #write(tx, copy) {
    const there = await tx.objectStore("drafts").get(copy.visit_id);
    if (!there || there.state !== "draft") throw new Finished();
    tx.objectStore("drafts").put(copy);
  }

  #mirror() {
    clearTimeout(this.#mirroring);
    this.#mirroring = setTimeout(() => {
      if (!navigator.onLine) return;
      protocol.mirror(this.record.visit_id, this.record).catch((error) => {
        if (error instanceof protocol.SignedOut) tell("signed-out", {}, true);
      });
    }, MIRROR_AFTER);
  }

  /** Stops mirroring: the view is gone, or the visit is finished. */
  close() {
    clearTimeout(this.#mirroring);
  }

  /** Keeps a photo or recording: blob and draft in one step. */
  async attach(itemId, kept) {
    const entry = { sha256: kept.sha256, size: kept.size, media_type: kept.media_type, taken_at: kept.taken_at };
    Object.assign(entry, { original_sha256: kept.original_sha256, source: kept.source, item_id: itemId ?? undefined });
    await this.#writing;
    const before = this.record.saved_at;
    const record = structuredClone(this.record);
    if (!record.evidence.some((one) => one.sha256 === kept.sha256)) record.evidence.push(entry);
    if (itemId) {
      const answer = record.answers[itemId] ?? {};
      record.answers[itemId] = { ...answer, answered_at: device.instant(), evidence: [...new Set([...(answer.evidence ?? []), kept.sha256])] };
    }
    record.saved_at = device.instant();
    await store.run(["drafts", "blobs"], "readwrite", async (tx) => {
      tx.objectStore("blobs").put({ ...kept, visit_id: record.visit_id, item_id: itemId ?? null, kept_at: device.instant() });
      await Draft.#write(tx, record);
    });
    const changed = this.#writing !== null || this.record.saved_at !== before;
    if (!this.record.evidence.some((one) => one.sha256 === kept.sha256)) this.record.evidence.push(entry);
    if (itemId) {
      const answer = this.record.answers[itemId] ?? {};
      this.record.answers[itemId] = { ...answer, answered_at: record.saved_at, evidence: [...new Set([...(answer.evidence ?? []), kept.sha256])] };
    }
    this.record.saved_at = record.saved_at;
    this.failed = null;
    if (changed) return this.change(() => {}); // an answer given meanwhile was written without this file
    tell("draft", { visit_id: record.visit_id });
    this.#mirror();
  }

  /** Takes a photo or recording back, by the person's own wish. */
  async detach(sha256) {
    await this.change((record) => {
      record.evidence = record.evidence.filter((entry) => entry.sha256 !== sha256);
      for (const answer of Object.values(record.answers)) answer.evidence = (answer.evidence ?? []).filter((one) => one !== sha256);
    });
    if (!this.failed) await store.remove("blobs", [this.record.visit_id, sha256]);
  }

  /** Finishes the visit: freezes its bytes and queues them. The same call twice queues once. */
  async finish() {
    await this.#writing;
    this.close();
    const body = JSON.stringify(bodyOf(this.record, this.checklist));
    const photos = this.record.evidence.filter((entry) => entry.media_type.startsWith("image/")).length;
    const entry = {
      visit_id: this.record.visit_id,
      revision: this.record.revision,
      assignment_id: this.record.assignment_id,
      name: this.assignment?.touchpoint.name ?? "",
      kind: this.assignment?.touchpoint.kind ?? "",
      items: Object.keys(this.record.answers).length,
      photos,
      recordings: this.record.evidence.length - photos,
      evidence: this.record.evidence.map(({ sha256, size, media_type }) => ({ sha256, size, media_type })),
      body,
      body_sha256: await device.sha256(body),
      ready_at: device.instant(),
      state: "queued",
      attempts: 0,
      next_at: 0,
      receipt: null,
      received: [],
      fault: null,
    };
    const queued = await store.finalise(entry);
    this.record.state = "ready";
    tell("outbox", { visit_id: entry.visit_id });
    return queued;
  }
}

function answerOf(itemId, answer, item) {
  const sent = { item_id: itemId };
  for (const key of ["option_id", "option_ids", "value", "note", "answered_at"]) {
    if (answer[key] !== undefined && answer[key] !== null && answer[key] !== "") sent[key] = answer[key];
  }
  if (answer.not_applicable) sent.not_applicable = true;
  const reason = answer.not_applicable || !answer.reasons ? answer.reason : answer.reasons.map((at) => pick(item?.lossReasons[at])).join("; ");
  if (reason && (answer.not_applicable || !item || lost(item, answer))) sent.reason = reason;
  if (answer.evidence?.length) sent.evidence = answer.evidence;
  return sent;
}

/** The body of `PUT /api/v1/visits/{id}`. */
export function bodyOf(record, checklist) {
  return {
    revision: record.revision,
    assignment_id: record.assignment_id,
    checklist_version_id: record.checklist_version_id,
    started_at: record.started_at,
    finished_at: device.instant(),
    check_in: record.check_in,
    check_out: record.check_out,
    answers: Object.entries(record.answers).map(([id, answer]) => answerOf(id, answer, checklist.items.get(id))),
    evidence: record.evidence,
    timeline: record.timeline,
    subject: clean(record.subject),
    call: record.call,
    consents: { position: record.consents.position === true, audio: record.consents.audio === true },
    declaration: true,
    client: { build: device.get("build", "unknown"), device_id: device.id(), clock_offset_ms: device.get("clock_offset_ms", 0) },
  };
}
