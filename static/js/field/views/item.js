/** One checklist item as a card: the choice, and what a loss, an N/A or its own rule asks for. */
import { h, icon } from "../dom.js";
import { figure, hour, pick, span, t } from "../i18n.js";
import { answered, demands, earned, gapsOfItem, lost } from "../rules.js";
import { measured } from "./measure.js";
import { photoInputs, recordingInput } from "./media.js";
import { lowkey, sheet, thumb } from "./parts.js";

/** What each gap is called; the final page and the item use the same words. */
export const gapWords = (kind) =>
  ({
    answer: t("not answered"),
    reason: t("no reason for N/A"),
    photo: t("photo missing"),
    audio: t("recording missing"),
    note: t("note missing"),
  })[kind];

const manifest = (draft) => new Map(draft.record.evidence.map((entry) => [entry.sha256, entry]));

/** What the item lacks now. */
export const gapsNow = (draft, item) => gapsOfItem(item, draft.answer(item.id), manifest(draft));

/** True where the item needs nothing more and can be one line. */
export const complete = (draft, item) => answered(item, draft.answer(item.id)) && !gapsNow(draft, item).length;

/** A finished item as one line. */
export function folded({ draft, open }, item) {
  const answer = draft.answer(item.id);
  return h(
    "button.card.folded",
    { type: "button", id: `item-${item.code}`, "data-key": `fold-${item.id}`, "aria-expanded": "false", onclick: () => open(item.id) },
    h("span.no.num", null, item.code),
    h("span.q.ell", null, pick(item.text)),
    result(item, answer),
  );
}

function result(item, answer) {
  if (answer.not_applicable) return h("span.tag", null, t("N/A"));
  if (!item.scores) return h("span.tag.g", null, icon("check"), t("Done"));
  const value = item.type === "duration" ? span(Number(answer.value)) : item.measured ? figure(answer.value) : "";
  if (!item.points) return h("span.tag", null, icon("check"), value || t("Done"));
  const tone = lost(item, answer) ? (earned(item, answer) > 0 ? "w" : "r") : "g";
  if (lowkey()) return h(`span.tag.${tone}`, null, icon("check"), { g: t("good"), w: t("fair"), r: t("poor") }[tone]);
  return h(`span.tag.${tone}`, null, icon(tone === "g" ? "check" : "minus"), `${figure(earned(item, answer))} / ${figure(item.points)}`);
}

/** The open card of an item. `context`: {draft, touch(itemId), redraw(itemId), asked}. */
export function card(context, item) {
  const { draft, asked } = context;
  const answer = draft.answer(item.id);
  const gaps = gapsNow(draft, item);
  const shownGaps = asked ? gaps : gaps.filter((kind) => kind !== "answer");
  return h(
    "section.card.it",
    { id: `item-${item.code}`, class: asked && gaps.length ? "gap" : "", "data-item": item.id, "aria-labelledby": `q-${item.code}`, onfocusin: () => context.touch(item.id) },
    h("div.row.between", null, h("span.no.num", null, head(item, answer)), guidance(item)),
    h("h2.q", { id: `q-${item.code}`, tabindex: "-1" }, pick(item.text)),
    reviewerNotes(draft, item),
    control(context, item, answer),
    below(context, item, answer, shownGaps),
  );
}

function head(item, answer) {
  const parts = [item.code];
  if (item.points && !lowkey()) parts.push(t("{n} points", { n: figure(item.points) }));
  if (item.scores && !item.points) parts.push(t("for the record"));
  if (item.type === "text") parts.push(t("in your words"));
  if (demands(item, answer, "photo")) parts.push(item.evidence.live_camera ? t("live photo needed") : t("1 photo needed"));
  return parts.join(" · ");
}

function guidance(item) {
  if (!item.guidance) return null;
  const show = () =>
    sheet(t("Standard"), (close) => [
      h("h2", null, item.code, " ", pick(item.text)),
      h("p.mt.pre", null, pick(item.guidance)),
      item.options.length && item.type === "graded" ? h("dl.kvr.mt", null, item.options.map((option) => h("div", null, h("dt", null, t("{n} points", { n: figure(option.points) })), h("dd", null, pick(option.text))))) : null,
      h("button.btn.lg.mt", { type: "button", onclick: close }, t("Close")),
    ]);
  return h("button.std", { type: "button", onclick: show, "aria-label": `${t("Standard")} ${item.code}`, "data-key": `std-${item.id}` }, icon("book-open"), h("span.w", null, t("Standard")));
}

function reviewerNotes(draft, item) {
  const notes = draft.record.notes.filter((note) => note.item_id === item.id);
  return notes.map((note) => h("div.notice.w", null, icon("undo-2"), h("div.grow", null, h("b", null, t("Reviewer: ")), pick(note.text ?? note.note))));
}

const TONES = (at, count) => (at === 0 ? "y" : at === count - 1 ? "n" : "m");

function control(context, item, answer) {
  if (item.measured) return measured(context, item, answer, item.na ? notApplicable(context, item, answer) : null);
  if (item.type === "text") return textBox(context, item, answer);
  if (item.scores) return choices(context, item, answer);
  return null;
}

function shape(options, na) {
  const longest = Math.max(...options.map((option) => width(pick(option.text))));
  const count = options.length + (na ? 1 : 0);
  if (longest > (count > 3 ? 8 : 12) || count > 4) return ".list";
  return { 1: ".two", 2: ".two", 3: ".three", 4: "" }[count];
}

/** Rough width in Latin letters: a Chinese character is two. */
const width = (text) => [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);

function choices(context, item, answer) {
  const { draft } = context;
  const chosen = answer.option_ids ?? (answer.option_id ? [answer.option_id] : []);
  const choose = (option) => {
    const ids = item.many ? (chosen.includes(option.id) ? chosen.filter((id) => id !== option.id) : [...chosen, option.id]) : null;
    draft.set(item.id, { option_id: ids ? undefined : option.id, option_ids: ids ?? undefined, not_applicable: undefined, reason: undefined });
    context.redraw(item.id);
  };
  const keys = item.options.map((option, at) =>
    h(
      "label",
      { class: item.points ? TONES(at, item.options.length) : "x" },
      h("input", { type: item.many ? "checkbox" : "radio", name: item.id, value: option.id, checked: chosen.includes(option.id), "data-key": `${item.id}/${option.id}`, onchange: () => choose(option) }),
      h("span", null, pick(option.text)),
      item.points && !lowkey() ? h("small", null, t("{n} pts", { n: figure(option.points) })) : null,
    ),
  );
  if (item.na) keys.push(notApplicable(context, item, answer));
  return h(`div.seg4${shape(item.options, item.na)}`, { role: item.many ? "group" : "radiogroup", "aria-labelledby": `q-${item.code}` }, keys);
}

function notApplicable(context, item, answer) {
  const choose = () => {
    context.draft.set(item.id, { not_applicable: true, option_id: undefined, option_ids: undefined, value: undefined, reason: undefined });
    context.redraw(item.id);
  };
  return h("label.x", null, h("input", { type: "radio", name: item.id, value: "na", checked: answer.not_applicable === true, "data-key": `${item.id}/na`, onchange: choose }), h("span", null, t("N/A")));
}

function textBox({ draft }, item, answer) {
  return h("textarea.note", {
    "aria-labelledby": `q-${item.code}`,
    "data-key": `text-${item.id}`,
    value: answer.note ?? answer.value ?? "",
    maxlength: "2000",
    placeholder: t("Optional"),
    oninput: (event) => draft.set(item.id, { note: event.target.value }),
  });
}

/** What stands under the choice: reasons, photos, note, N/A reason, and what is still missing. */
function below(context, item, answer, gaps) {
  const { draft } = context;
  const parts = [];
  if (answer.not_applicable && item.naReason) parts.push(naReason(context, item, answer));
  if (lost(item, answer) && item.lossReasons.length) parts.push(reasons(context, item, answer));
  const files = answer.evidence ?? [];
  const wantsPhoto = demands(item, answer, "photo") || item.type === "photo";
  if (wantsPhoto || files.length) parts.push(photos(context, item, files));
  if (demands(item, answer, "audio") || item.type === "audio") parts.push(recordingInput(context, item));
  if (item.type !== "text" && (demands(item, answer, "note") || answer.note)) parts.push(noteBox(draft, item, answer, demands(item, answer, "note")));
  if (item.evidence.time === "always" && answer.answered_at && answered(item, answer)) parts.push(h("p.xs.t3", null, icon("clock"), ` ${t("Seen at {time}", { time: hour(answer.answered_at) })}`));
  if (gaps.length && answered(item, answer)) parts.push(h("p.err", null, icon("circle-alert"), gaps.map(gapWords).join(t(", "))));
  if (gaps.includes("answer") && !answered(item, answer)) parts.push(h("p.err", null, icon("circle-alert"), gapWords("answer")));
  return parts.length ? h("div.sub", null, parts) : null;
}

function naReason({ draft }, item, answer) {
  const save = (event) => draft.set(item.id, { reason: event.target.value });
  return h("div.field", null, h("label", { for: `na-${item.code}` }, t("Why does it not apply?")), h("textarea.note", { id: `na-${item.code}`, "data-key": `na-${item.id}`, value: answer.reason ?? "", maxlength: "500", oninput: save }));
}

function reasons(context, item, answer) {
  const chosen = answer.reasons ?? [];
  const toggle = (at) => {
    context.draft.set(item.id, { reasons: chosen.includes(at) ? chosen.filter((one) => one !== at) : [...chosen, at].sort() });
    context.redraw(item.id);
  };
  return h(
    "div.chips",
    { role: "group", "aria-label": t("What was wrong") },
    item.lossReasons.map((reason, at) => h("button.chip.bad", { type: "button", "aria-pressed": String(chosen.includes(at)), "data-key": `why-${item.id}-${at}`, onclick: () => toggle(at) }, icon("check"), pick(reason))),
  );
}

function photos(context, item, files) {
  const { draft } = context;
  const known = manifest(draft);
  const remove = (sha) =>
    sheet(t("Photo"), (close) => [
      h("h2", null, t("Photo {code}", { code: item.code })),
      h("div.mt.bigphoto", null, thumb(draft.record.visit_id, sha, t("Photo {code}", { code: item.code }))),
      h("div.two2.eq.mt", null, h("button.btn.lg", { type: "button", onclick: close }, t("Keep")), h("button.btn.lg.d", { type: "button", onclick: () => draft.detach(sha).then(() => (close(), context.redraw(item.id))) }, icon("trash-2"), t("Take it back"))),
    ]);
  const shown = files.map((sha, at) => {
    const words = t("Photo {code}, {n}", { code: item.code, n: at + 1 });
    const audio = known.get(sha)?.media_type.startsWith("audio/");
    const mark = h("span.st", null, icon("check"));
    const view = audio ? h("span.thumb", { role: "img", "aria-label": t("Recording") }, icon("file-audio"), mark) : thumb(draft.record.visit_id, sha, words, mark);
    return h("button.plain", { type: "button", onclick: () => remove(sha), "aria-label": words, "data-key": `thumb-${sha}` }, view);
  });
  return h("div.thumbs", null, shown, photoInputs(context, item));
}

function noteBox(draft, item, answer, needed) {
  return h("textarea.note", {
    "aria-label": `${t("Note")} ${item.code}`,
    "data-key": `note-${item.id}`,
    value: answer.note ?? "",
    maxlength: "2000",
    placeholder: needed ? t("What happened? (needed)") : t("Note"),
    oninput: (event) => draft.set(item.id, { note: event.target.value }),
  });
}
