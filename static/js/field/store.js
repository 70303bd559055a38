/**
 * What the phone keeps: one IndexedDB database per account, so that two people on one phone never meet.
 *
 * Writes are strict (on the disk before they count). A connection that the system closed is opened again and the work
 * is tried once more. Migrations copy: a new version adds a store and fills it from the old one, it never clears.
 */
import { openDB } from "/static/vendor/idb.js";

const MIGRATIONS = [
  (db) => {
    db.createObjectStore("assignments", { keyPath: "id" });
    db.createObjectStore("checklists", { keyPath: "id" });
    db.createObjectStore("drafts", { keyPath: "visit_id" });
    db.createObjectStore("blobs", { keyPath: ["visit_id", "sha256"] });
    db.createObjectStore("outbox", { keyPath: "visit_id" });
  },
];

let name = null;
let opening = null;

/** Chooses whose database is used from now on. */
export function use(account) {
  name = `mingcha-field-${account}`;
  opening?.then((db) => db.close()).catch(() => {});
  opening = null;
}

export const chosen = () => name !== null;

function connection() {
  if (opening) return opening;
  const mine = openDB(name, MIGRATIONS.length, {
    upgrade(db, from, _to, transaction) {
      MIGRATIONS.slice(from).forEach((step) => step(db, transaction));
    },
    blocking(_current, _blocked, event) {
      event.target.close();
      if (opening === mine) opening = null;
    },
    terminated() {
      if (opening === mine) opening = null;
    },
  });
  mine.catch(() => {
    if (opening === mine) opening = null;
  });
  opening = mine;
  return mine;
}

/** Commits at once instead of when the page next has time: a reload right after a tap then loses nothing. */
function commit(transaction) {
  try {
    transaction.commit();
  } catch {
    // It has committed, or failed, by itself already; `done` tells which.
  }
}

/**
 * Runs `work(transaction)` in one transaction and resolves when it is on the disk. `work` may await only requests of
 * that transaction.
 */
export async function run(stores, mode, work) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const db = await connection();
      const transaction = db.transaction(stores, mode, { durability: "strict" });
      const done = transaction.done;
      done.catch(() => {});
      const result = await work(transaction);
      if (mode === "readwrite") commit(transaction);
      await done;
      return result;
    } catch (error) {
      if (attempt || !["InvalidStateError", "AbortError", "UnknownError", "TransactionInactiveError"].includes(error.name)) throw error;
      opening = null;
    }
  }
}

export const get = (store, key) => run([store], "readonly", (tx) => tx.objectStore(store).get(key));
export const all = (store) => run([store], "readonly", (tx) => tx.objectStore(store).getAll());
export const put = (store, value) => run([store], "readwrite", (tx) => tx.objectStore(store).put(value));
export const remove = (store, key) => run([store], "readwrite", (tx) => tx.objectStore(store).delete(key));

const ofVisit = (visitId) => IDBKeyRange.bound([visitId], [visitId, []]);

/** Every photo and recording of a visit, oldest first. */
export async function blobsOf(visitId) {
  const found = await run(["blobs"], "readonly", (tx) => tx.objectStore("blobs").getAll(ofVisit(visitId)));
  return found.sort((a, b) => (a.kept_at < b.kept_at ? -1 : 1));
}

/** Replaces the list of jobs by the server's; what has a draft here stays, whatever the server says. */
export function keepAssignments(items) {
  return run(["assignments", "drafts"], "readwrite", async (tx) => {
    const jobs = tx.objectStore("assignments");
    const begun = new Set((await tx.objectStore("drafts").getAll()).map((draft) => draft.assignment_id));
    const listed = new Set(items.map((item) => item.id));
    for (const old of await jobs.getAllKeys()) {
      if (!listed.has(old) && !begun.has(old)) jobs.delete(old);
    }
    for (const item of items) jobs.put(item);
  });
}

/** Freezes a draft and queues its bytes, in one step. A second call for the same revision changes nothing. */
export function finalise(entry) {
  return run(["drafts", "outbox"], "readwrite", async (tx) => {
    const outbox = tx.objectStore("outbox");
    const there = await outbox.get(entry.visit_id);
    if (there && there.revision >= entry.revision) return there;
    const draft = await tx.objectStore("drafts").get(entry.visit_id);
    tx.objectStore("drafts").put({ ...draft, state: "ready" });
    outbox.put(entry);
    return entry;
  });
}

/** Clears a visit of which the server has confirmed every byte; its receipt stays. */
export function settle(entry) {
  return run(["drafts", "blobs", "outbox"], "readwrite", async (tx) => {
    tx.objectStore("drafts").delete(entry.visit_id);
    tx.objectStore("blobs").delete(ofVisit(entry.visit_id));
    tx.objectStore("outbox").put(entry);
  });
}

/** Bytes that photos and recordings take on this phone. */
export async function weight() {
  return (await all("blobs")).reduce((sum, blob) => sum + blob.size, 0);
}
