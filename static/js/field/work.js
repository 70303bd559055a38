/** The person's jobs: read from the phone at once, refreshed from the server when it answers. */
import { tell } from "./bus.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

const OPEN = new Set(["offered", "accepted", "started"]);

export const isCall = (assignment) => assignment?.programme?.channel === "hotline" || assignment?.touchpoint?.kind === "hotline";

export function isReturned(assignment) {
  return assignment.visit_status === "returned" || assignment.status === "returned" || (assignment.notes ?? []).length > 0;
}

/** What the person can still do something about, soonest first, with what this phone holds of it. */
export async function jobs() {
  const [assignments, drafts, outbox, checklists] = await Promise.all(["assignments", "drafts", "outbox", "checklists"].map(store.all));
  const by = (list, key) => new Map(list.map((one) => [one[key], one]));
  const draftOf = by(drafts, "assignment_id");
  const entryOf = by(outbox, "assignment_id");
  const checklistOf = by(checklists, "id");
  return assignments
    .map((assignment) => ({
      assignment,
      draft: draftOf.get(assignment.id) ?? null,
      entry: entryOf.get(assignment.id) ?? null,
      checklist: checklistOf.get(assignment.checklist_version_id) ?? null,
    }))
    .sort((a, b) => Date.parse(a.assignment.window?.start ?? 0) - Date.parse(b.assignment.window?.start ?? 0));
}

/** True where the job is still to be done, or is being done. */
export function open({ assignment, draft, entry }) {
  if (draft?.state === "draft") return true;
  if (entry && entry.state !== "done") return false;
  if (isReturned(assignment) && !(entry && entry.revision > (assignment.revision ?? entry.revision - 1))) return true;
  return OPEN.has(assignment.status) && !entry;
}

let refreshing = null;
let waiting = null;
let last = null;

/** Whether the server is being asked, and how the last time ended: "" well, null never yet, else why not. */
export const asking = () => ({ running: refreshing !== null, last });

/** Fetches the list and every checklist this phone lacks. Resolves to "" or to why it could not ("offline", …). A call
 *  during a fetch begins one more after it: what was asked before may be old already. */
export function refresh() {
  if (refreshing) {
    waiting ??= refreshing.then(() => {
      waiting = null;
      return refresh();
    });
    return waiting;
  }
  refreshing = fetchAll().then((problem) => {
    refreshing = null;
    last = problem;
    tell("refreshed", { problem }, true);
    return problem;
  });
  return refreshing;
}

async function fetchAll() {
  try {
    const items = await protocol.assignments();
    await store.keepAssignments(items);
    tell("jobs", {});
    await fetchChecklists(items);
    return "";
  } catch (error) {
    if (error instanceof protocol.SignedOut) {
      tell("signed-out", {}, true);
      return "signed-out";
    }
    return error instanceof protocol.Portal ? "portal" : "offline";
  }
}

async function fetchChecklists(items) {
  const wanted = new Set(items.filter((item) => OPEN.has(item.status) || isReturned(item)).map((item) => item.checklist_version_id));
  for (const version of wanted) {
    if (await store.get("checklists", version)) continue;
    const found = await protocol.checklist(version);
    await store.put("checklists", { ...found, id: version });
    tell("jobs", {});
  }
}

/** The checklist of a job, from the phone or else from the server. */
export async function checklist(version) {
  const kept = await store.get("checklists", version);
  if (kept) return kept;
  const found = { ...(await protocol.checklist(version)), id: version };
  await store.put("checklists", found);
  return found;
}
