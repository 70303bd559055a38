/** Filling in a section: one page per section, finished items folded, everything for the thumb in the dock. */
import { on } from "../bus.js";
import { h, icon, steady, swap } from "../dom.js";
import { Draft } from "../draft.js";
import { clock, hour, pick, t } from "../i18n.js";
import * as router from "../router.js";
import { progress, sections, shown, total } from "../rules.js";
import * as timers from "../timers.js";
import { isCall } from "../work.js";
import { arrivalCard } from "./arrival.js";
import * as items from "./item.js";
import { cameraKey } from "./media.js";
import { gone, lowkey, lowkeyButton, savedLine, sheet, top } from "./parts.js";
import { timerSheet } from "./timersheet.js";

/** Loads the draft of a view; what is finished goes to its receipt instead. */
export async function draftOf(visitId) {
  const draft = await Draft.load(visitId);
  if (draft && draft.record.state !== "draft") {
    router.instead(`/receipt/${visitId}`);
    return undefined;
  }
  return draft;
}

export async function score({ visit, section: wanted, item: at }) {
  const draft = await draftOf(visit);
  if (draft === undefined) return null;
  if (!draft) return gone();
  const page = new ScorePage(draft, wanted, at);
  return page.view();
}

class ScorePage {
  constructor(draft, wanted, at) {
    this.draft = draft;
    this.list = draft.checklist;
    this.section = this.list.sections.find((part) => part.id === wanted) ?? this.list.sections[0];
    this.call = isCall(draft.assignment);
    this.active = [...this.list.items.values()].find((item) => item.code === at)?.id ?? null;
    this.start = this.active;
    this.asked = sessionStorage.getItem(`asked-${draft.record.visit_id}`) === "1";
  }

  view() {
    this.header = this.#header();
    this.rail = this.#rail();
    this.main = this.#main();
    this.dock = this.#dock();
    const tick = setInterval(() => this.#tick(), 1_000);
    const off = on("draft", (detail) => this.#changed(detail));
    const lowkeyChanged = () => this.redraw();
    addEventListener("lowkey", lowkeyChanged);
    this.#note();
    return {
      title: lowkey() ? t("List") : pick(this.section.title),
      nodes: [this.header, h("div.wx", null, this.rail, this.main), this.dock],
      ready: () => this.start && this.#reveal(this.start),
      leave: () => {
        clearInterval(tick);
        off();
        removeEventListener("lowkey", lowkeyChanged);
        this.draft.close();
      },
    };
  }

  /** The item that the dock's keys are about. */
  current() {
    return this.list.items.get(this.active) ?? this.#open()[0] ?? this.#items()[0];
  }

  touch(itemId) {
    if (this.active === itemId) return;
    this.active = itemId;
    this.#note();
  }

  open(itemId) {
    this.active = itemId;
    this.redraw(itemId);
    this.#note();
  }

  /** Draws the page anew; the item under the thumb does not move. */
  redraw(itemId = this.active) {
    if (itemId) this.active = itemId;
    const anchor = () => document.querySelector(`[data-item="${CSS.escape(this.active ?? "")}"]`);
    steady(anchor, () => {
      this.main = swap(this.main, this.#main());
      this.header = swap(this.header, this.#header());
      this.rail = swap(this.rail, this.#rail());
      this.dock = swap(this.dock, this.#dock());
    });
  }

  #items() {
    return this.section.items.filter((item) => shown(this.list, this.draft.record.answers, item));
  }

  #open() {
    return this.#items().filter((item) => !items.complete(this.draft, item) && (item.type !== "text" || this.asked));
  }

  #note() {
    const item = this.list.items.get(this.active);
    const place = `/visit/${this.draft.record.visit_id}/${this.section.id}${item ? `/${item.code}` : ""}`;
    router.note(place);
    if (this.draft.record.place === place) return;
    this.draft.change((record) => {
      record.place = place;
    });
  }

  async #changed({ elsewhere, visit_id: visit }) {
    if (visit !== this.draft.record.visit_id) return;
    if (elsewhere) {
      const fresh = await draftOf(visit);
      if (!fresh) return;
      this.draft.record = fresh.record;
      this.redraw();
    }
    const line = this.dock.querySelector("[data-live=saved]");
    line?.replaceWith(savedLine(this.draft));
    this.header = swap(this.header, this.#header());
  }

  #header() {
    const parts = sections(this.list, this.draft.record);
    const all = total(this.list, this.draft.record);
    const count = `${all.done} / ${all.all}`;
    const under = lowkey() ? count : t("Section {n} of {all} · {done} filled in", { n: parts.indexOf(this.section) + 1, all: parts.length, done: count });
    const back = this.call ? `/call/${this.draft.record.visit_id}` : "/";
    return top(lowkey() ? t("List") : pick(this.section.title), under, { back, right: lowkeyButton(), segments: segments(this.list, this.draft.record) });
  }

  #rail() {
    return h(
      "nav.rail",
      { "aria-label": t("Sections") },
      sections(this.list, this.draft.record).map((part) => {
        const { done, all } = progress(this.list, this.draft.record, part);
        const sign = done === all ? "circle-check" : done ? "circle-dot" : "circle";
        const here = part === this.section;
        return h("a", { href: `#/visit/${this.draft.record.visit_id}/${part.id}`, "aria-current": here ? "step" : null }, icon(sign, done === all ? "good" : ""), h("span", null, `${part.letter} ${pick(part.title)}`), h("span.s.num", null, `${done}/${all}`));
      }),
    );
  }

  #main() {
    const first = this.section === this.list.sections[0];
    return h(
      "main.ph-main.tall",
      null,
      first && !this.call ? arrivalCard(this, timers.IN) : null,
      this.#items().map((item) => (items.complete(this.draft, item) && item.id !== this.active ? items.folded(this, item) : items.card(this, item))),
    );
  }

  #dock() {
    return h(
      "div.dock",
      null,
      h("div.dockline", null, savedLine(this.draft), this.#stay()),
      h(
        "div.dockg.k3",
        null,
        h("button.k", { type: "button", onclick: () => (this.call ? router.go(`/call/${this.draft.record.visit_id}`) : timerSheet(this)) }, icon(this.call ? "phone-call" : "timer"), this.call ? t("Call") : t("Timer")),
        cameraKey(this),
        h("button.k", { type: "button", onclick: () => this.#quickNote() }, icon("pencil-line"), t("Quick note")),
        h("button.nx", { type: "button", onclick: () => this.#next() }, t("Next")),
      ),
    );
  }

  #stay() {
    const arrival = timers.find(this.draft.record.timeline, timers.IN);
    if (!arrival || this.call) return null;
    const leaving = timers.find(this.draft.record.timeline, timers.OUT);
    if (leaving) return h("span.t3.num", null, `${hour(arrival.at)}–${hour(leaving.at)}`);
    return h("span.t3.num", null, `${t("Here for")} `, h("span", { "data-since": String(Date.parse(arrival.at)) }, clock((Date.now() - Date.parse(arrival.at)) / 1000)));
  }

  #tick() {
    for (const node of document.querySelectorAll("[data-since]")) node.textContent = clock((Date.now() - Number(node.dataset.since)) / 1000);
  }

  #quickNote() {
    const item = this.current();
    sheet(t("Quick note"), (close) => [
      h("h2", null, item.code, " ", pick(item.text)),
      h("textarea.note.mt", { "aria-label": t("Note"), value: this.draft.answer(item.id).note ?? "", maxlength: "2000", autofocus: true, oninput: (event) => this.draft.set(item.id, { note: event.target.value }) }),
      h("button.btn.p.lg.mt", { type: "button", onclick: () => (close(), this.redraw(item.id)) }, t("Done")),
    ]);
  }

  #next() {
    const open = this.#open();
    const here = open.findIndex((item) => item.id === this.active);
    const next = open[here + 1] ?? open.find((item) => item.id !== this.active);
    if (next) {
      this.active = next.id;
      this.redraw();
      this.#note();
      this.#reveal(next.id);
      return;
    }
    const parts = sections(this.list, this.draft.record);
    const after = parts[parts.indexOf(this.section) + 1];
    router.go(after ? `/visit/${this.draft.record.visit_id}/${after.id}` : `/check/${this.draft.record.visit_id}`);
  }

  #reveal(itemId) {
    const node = document.querySelector(`[data-item="${CSS.escape(itemId)}"]`) ?? document.getElementById(`item-${this.list.items.get(itemId).code}`);
    node?.scrollIntoView({ block: "start", behavior: "instant" });
    node?.querySelector("h2")?.focus({ preventScroll: true });
  }
}

/** One bar per section; said as one sentence to those who cannot see it. */
export function segments(list, record) {
  const parts = sections(list, record).map((part) => progress(list, record, part));
  const done = parts.filter((part) => part.done === part.all).length;
  return h(
    "div.segs",
    { role: "img", "aria-label": t("{done} of {all} sections done", { done, all: parts.length }) },
    parts.map((part) => h("progress", { class: part.done === part.all ? "d" : "", max: part.all || 1, value: part.all ? part.done : 1, "aria-hidden": "true" })),
  );
}
