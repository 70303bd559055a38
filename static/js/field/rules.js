/**
 * Pure decisions about a checklist and its answers: what is shown, what a measured value earns, what is still missing.
 * The server decides again with the same rules; the phone only spares people the round trip.
 */
const SCORING = new Set(["yes_no", "graded", "choice", "duration", "number"]);
const MEASURED = new Set(["duration", "number"]);

/** One shape for every item, whichever spelling the checklist came in. */
function itemOf(raw, code, section) {
  const na = raw.not_applicable ?? {};
  return {
    id: raw.id,
    code,
    section,
    concept: raw.concept ?? raw.id.split(".").pop(),
    text: raw.text,
    guidance: raw.guidance ?? null,
    type: raw.type,
    points: Number(raw.points ?? 0),
    options: raw.options ?? [],
    thresholds: raw.thresholds ?? null,
    many: raw.many === true,
    effect: raw.effect ?? "normal",
    na: raw.not_applicable_allowed ?? na.allowed ?? false,
    naReason: raw.not_applicable_reason_required ?? raw.reason_required ?? na.reason_required ?? false,
    lossReasons: raw.loss_reasons ?? [],
    evidence: { photo: "never", audio: "never", note: "never", time: "never", live_camera: false, ...raw.evidence },
    showIf: raw.show_if ?? null,
    scores: SCORING.has(raw.type),
    needed: SCORING.has(raw.type) && Number(raw.points ?? 0) !== 0,
    measured: MEASURED.has(raw.type),
  };
}

/** The checklist as the views use it: sections with letters, items with codes (A1, A2 …), and all items by id. */
export function normalise(raw) {
  const items = new Map();
  const sections = raw.sections.map((part, at) => {
    const letter = String.fromCharCode(65 + at);
    const section = { id: part.id, letter, title: part.title, items: [] };
    section.items = part.items.map((item, number) => {
      const made = itemOf(item, `${letter}${number + 1}`, section.id);
      items.set(made.id, made);
      return made;
    });
    return section;
  });
  // Items that others hang on must be answered even where they earn nothing.
  for (const item of items.values()) if (item.showIf && items.has(item.showIf.item)) items.get(item.showIf.item).needed = true;
  return { id: raw.id, title: raw.title, minutes: raw.expected_minutes ?? null, sections, items };
}

/** True where the item is to be answered: its condition, and the condition of the item it hangs on, hold. */
export function shown(checklist, answers, item) {
  if (!item.showIf) return true;
  const parent = checklist.items.get(item.showIf.item);
  if (!parent || !shown(checklist, answers, parent)) return false;
  const answer = answers[parent.id];
  if (!answer || answer.not_applicable) return false;
  const chosen = answer.option_ids ?? (answer.option_id ? [answer.option_id] : []);
  return chosen.some((option) => item.showIf.options.includes(option));
}

/** What a measured value earns: the first step that holds wins. */
export function measure(item, value) {
  const { better, steps = [], otherwise = 0 } = item.thresholds ?? {};
  const amount = Number(value);
  const step = steps.find((one) => (better === "higher" ? amount >= Number(one.at_least) : amount <= Number(one.at_most)));
  return Number(step ? step.points : otherwise);
}

/** True where the answer holds an option, a value or N/A. */
export function answered(item, answer) {
  if (!answer) return false;
  if (answer.not_applicable) return true;
  if (item.measured) return answer.value !== undefined && answer.value !== null && answer.value !== "";
  if (item.type === "text") return Boolean(answer.note?.trim() || answer.value);
  if (!item.scores) return (answer.evidence ?? []).length > 0;
  return Boolean(answer.option_id) || (answer.option_ids ?? []).length > 0;
}

/** Points earned, or null where nothing is answered or N/A is chosen. */
export function earned(item, answer) {
  if (!item.scores || !answered(item, answer) || answer.not_applicable) return null;
  if (item.measured) return measure(item, answer.value);
  const chosen = answer.option_ids ?? [answer.option_id];
  const sum = item.options.filter((option) => chosen.includes(option.id)).reduce((all, one) => all + Number(one.points), 0);
  return item.many ? Math.min(item.points, Math.max(0, sum)) : sum;
}

/** True where points were lost. */
export function lost(item, answer) {
  const points = earned(item, answer);
  if (points === null || item.effect === "bonus") return false;
  return points < (item.effect === "deduction" ? 0 : item.points);
}

/** True where this item's rule demands the kind of evidence, given the answer. */
export function demands(item, answer, kind) {
  const rule = item.evidence[kind];
  if (answer?.not_applicable) return false;
  return rule === "always" || (rule === "on_loss" && lost(item, answer));
}

const MEDIA = { photo: "image/", audio: "audio/" };

function holds(answer, manifest, kind) {
  if (kind === "note") return Boolean(answer?.note?.trim() || answer?.reason?.trim() || answer?.reasons?.length);
  return (answer?.evidence ?? []).some((sha) => manifest.get(sha)?.media_type.startsWith(MEDIA[kind]));
}

/** What one item still lacks: any of "answer", "reason", "photo", "audio", "note". A tapped reason of loss is a note. */
export function gapsOfItem(item, answer, manifest) {
  if (!item.scores) return [];
  if (!answered(item, answer)) return item.needed ? ["answer"] : [];
  if (answer?.not_applicable) return item.naReason && !answer.reason?.trim() ? ["reason"] : [];
  return ["photo", "audio", "note"].filter((kind) => demands(item, answer, kind) && !holds(answer, manifest, kind));
}

/** Everything that stands between this draft and sending it, in the order of the checklist: [{item, kinds}]. */
export function gaps(checklist, draft) {
  const manifest = new Map(draft.evidence.map((entry) => [entry.sha256, entry]));
  const found = [];
  for (const item of checklist.items.values()) {
    if (!shown(checklist, draft.answers, item)) continue;
    const kinds = gapsOfItem(item, draft.answers[item.id], manifest);
    if (kinds.length) found.push({ item, kinds });
  }
  return found;
}

/** How far a section is: {done, all, gaps}. Text items count only once they are written. */
export function progress(checklist, draft, section) {
  const manifest = new Map(draft.evidence.map((entry) => [entry.sha256, entry]));
  let done = 0;
  let all = 0;
  let missing = 0;
  for (const item of section.items) {
    if (!shown(checklist, draft.answers, item)) continue;
    const there = answered(item, draft.answers[item.id]);
    const kinds = gapsOfItem(item, draft.answers[item.id], manifest);
    if (!item.needed && !there) continue;
    all += 1;
    if (there || !kinds.includes("answer")) done += 1;
    if (kinds.length) missing += 1;
  }
  return { done, all, gaps: missing };
}

/** The sections that have something to answer. */
export function sections(checklist, draft) {
  return checklist.sections.filter((section) => section.items.some((item) => shown(checklist, draft.answers, item)));
}

/** The same for the whole checklist. */
export function total(checklist, draft) {
  const parts = checklist.sections.map((section) => progress(checklist, draft, section));
  return { done: parts.reduce((n, part) => n + part.done, 0), all: parts.reduce((n, part) => n + part.all, 0) };
}
