/** Ways into a visit: begin an accepted job, or take up one that the reviewer sent back. */
import { begin, fetchBack } from "../draft.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import * as protocol from "../protocol.js";
import * as router from "../router.js";
import * as store from "../store.js";
import { checklist, isReturned } from "../work.js";
import { gone, signInAgain, state, top, why } from "./parts.js";
import { placeOf } from "./today.js";

/** Begins the visit; one that was begun goes on where it was. */
export async function start({ assignment: id }) {
  const assignment = await store.get("assignments", id);
  if (!assignment) return gone();
  try {
    await checklist(assignment.checklist_version_id);
    if (assignment.visit_id && assignment.status === "started") await fetchBack(assignment, false);
  } catch (error) {
    return unreachable(error);
  }
  const draft = await begin(assignment);
  router.instead(placeOf(draft, assignment));
  return null;
}

/** A visit that the reviewer sent back: its last revision becomes the draft of the next. */
export async function returned({ assignment: id }) {
  const assignment = await store.get("assignments", id);
  if (!assignment || !isReturned(assignment)) return gone();
  try {
    await checklist(assignment.checklist_version_id);
    const draft = await fetchBack(assignment, true);
    router.instead(`/check/${draft.visit_id}`);
  } catch (error) {
    return unreachable(error);
  }
  return null;
}

function unreachable(error) {
  if (error instanceof protocol.SignedOut) return { title: t("Sign in again"), nodes: [top(t("Sign in again"), "", { back: "/" }), h("main.ph-main", null, signInAgain([]))] };
  return { title: t("Not on this phone"), nodes: [top(t("Not on this phone"), "", { back: "/" }), h("main.ph-main", null, state("cloud-off", "w", t("Needs a network once"), why(error), h("a.btn.lg", { href: "#/" }, t("To the tasks"))))] };
}
