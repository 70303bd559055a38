/** A hotline call: five time marks with one big button, what was counted, and the next item to score. */
import { on } from "../bus.js";
import { h, icon, swap } from "../dom.js";
import { clock, second, span, t, tn } from "../i18n.js";
import * as router from "../router.js";
import { shown, total } from "../rules.js";
import * as timers from "../timers.js";
import * as items from "./item.js";
import { recordingInput } from "./media.js";
import { gone, savedLine, sheet, top } from "./parts.js";
import { draftOf } from "./score.js";
import { addLater } from "./timersheet.js";

const NAMES = () => ({ dial: t("Dialled"), menu: t("Voice menu"), queue: t("Queueing"), agent: t("Picked up"), hang_up: t("Hung up") });
const NEXT = () => ({
  dial: ["phone-call", t("I dial now")],
  menu: ["list-todo", t("The menu speaks")],
  queue: ["clock", t("I chose an agent")],
  agent: ["headset", t("An agent answers")],
  hang_up: ["phone-off", t("Hung up")],
});
const RUNNING = () => ({ dial: t("Ringing"), menu: t("In the menu"), queue: t("Waiting for an agent"), agent: t("Talking"), hang_up: t("Call finished") });

export async function call({ visit }) {
  const draft = await draftOf(visit);
  if (draft === undefined) return null;
  if (!draft) return gone();
  return new CallPage(draft).view();
}

class CallPage {
  constructor(draft) {
    this.draft = draft;
    this.list = draft.checklist;
    this.call = true;
    this.asked = false;
    this.active = null;
    draft.record.call ??= { number: draft.assignment?.touchpoint.hotline_number ?? "", transfers: 0, menu_depth: 0 };
  }

  view() {
    this.body = this.#body();
    this.dock = this.#dock();
    const tick = setInterval(() => this.#tick(), 500);
    const off = on("draft", ({ visit_id: visit, elsewhere }) => visit === this.draft.record.visit_id && this.#changed(elsewhere));
    const place = `/call/${this.draft.record.visit_id}`;
    if (this.draft.record.place !== place) {
      this.draft.change((record) => {
        record.place = place;
      });
    }
    return {
      title: t("Hotline call"),
      nodes: [this.body, this.dock],
      leave: () => {
        clearInterval(tick);
        off();
        this.draft.close();
      },
    };
  }

  get timeline() {
    return this.draft.record.timeline;
  }

  touch(itemId) {
    this.active = itemId;
  }

  current() {
    return this.#item();
  }

  redraw() {
    this.body = swap(this.body, this.#body());
    this.dock = swap(this.dock, this.#dock());
  }

  async #changed(elsewhere) {
    if (elsewhere) {
      const fresh = await draftOf(this.draft.record.visit_id);
      if (!fresh) return;
      this.draft.record = fresh.record;
      this.redraw();
    }
    this.dock.querySelector("[data-live=saved]")?.replaceWith(savedLine(this.draft));
  }

  #tick() {
    const face = this.body.querySelector(".clock");
    if (face) face.textContent = this.#face();
    for (const node of document.querySelectorAll("[data-since]")) node.textContent = clock((Date.now() - Number(node.dataset.since)) / 1000);
  }

  #last() {
    return timers.CALL.findLast((name) => timers.find(this.timeline, name)) ?? null;
  }

  #face() {
    const last = this.#last();
    if (!last) return "00:00";
    if (last === "hang_up") return clock(timers.between(this.timeline, "dial", "hang_up") ?? 0);
    return clock(timers.between(this.timeline, last, "none"));
  }

  #body() {
    const count = total(this.list, this.draft.record);
    const { assignment } = this.draft;
    const item = this.#item();
    return h(
      "div",
      null,
      top(assignment?.touchpoint.name ?? t("Hotline call"), t("{done} of {all} filled in", { done: count.done, all: count.all }), { back: "/", right: assignment ? h("a.ib", { href: `#/briefing/${assignment.id}`, "aria-label": t("Briefing") }, icon("book-open")) : null }),
      this.#timer(),
      h(
        "main.ph-main.tall",
        null,
        h("div.two", null, this.#stepper(t("Transfers"), "transfers"), this.#stepper(t("Menu levels"), "menu_depth")),
        this.#agent(),
        this.#recording(),
        item ? items.card(this, item) : h("a.btn.lg", { href: `#/check/${this.draft.record.visit_id}` }, t("Check and send")),
        item ? h("a.btn.o", { href: `#/visit/${this.draft.record.visit_id}` }, icon("list-checks"), t("All items")) : null,
      ),
    );
  }

  /** The item being scored: the one under the thumb, else the first that is open. */
  #item() {
    const open = [...this.list.items.values()].filter((item) => shown(this.list, this.draft.record.answers, item) && item.needed);
    const touched = open.find((item) => item.id === this.active && !items.complete(this.draft, item));
    return touched ?? open.find((item) => !items.complete(this.draft, item)) ?? null;
  }

  #timer() {
    const last = this.#last();
    return h(
      "section.timer",
      { "aria-label": t("Time marks") },
      h("div.row.s.t3.center", null, h("span", null, last ? RUNNING()[last] : t("Not dialled yet")), h("button.std", { type: "button", onclick: () => this.#later() }, t("Add a mark later"))),
      h("div.clock.num", { role: "timer", "aria-live": "off" }, this.#face()),
      h("ol.flow", null, timers.CALL.map((name, at) => this.#step(name, at, last))),
    );
  }

  #step(name, at, last) {
    const entry = timers.find(this.timeline, name);
    const current = name === last && last !== "hang_up";
    const before = timers.CALL.slice(0, at).findLast((one) => timers.find(this.timeline, one));
    let said = "—";
    if (entry) said = name === "dial" || !before ? second(entry.at) : t("after {time}", { time: span(timers.between(this.timeline, before, name)) });
    if (current) said = t("running");
    const tone = current ? "cur" : entry ? "d" : "";
    return h("li", { class: tone, "data-mark": name }, h("span.mk", null, entry && !current ? icon("check") : null), NAMES()[name], h("small.num", null, said), entry?.added_later ? h("small", null, t("added later")) : null);
  }

  #stepper(words, key) {
    const step = (by) => () => {
      this.draft.change((record) => {
        record.call[key] = Math.max(0, Math.min(20, record.call[key] + by));
      });
      this.redraw();
    };
    return h(
      "section.card.stat",
      null,
      h("div.s.t3", { id: `step-${key}` }, words),
      h(
        "div.stp",
        { role: "group", "aria-labelledby": `step-${key}` },
        h("button", { type: "button", "aria-label": t("{what}: one less", { what: words }), "data-key": `${key}-`, onclick: step(-1) }, icon("minus")),
        h("span.v.num", { "aria-live": "polite" }, String(this.draft.record.call[key])),
        h("button", { type: "button", "aria-label": t("{what}: one more", { what: words }), "data-key": `${key}+`, onclick: step(1) }, icon("plus")),
      ),
    );
  }

  #agent() {
    const save = (event) =>
      this.draft.change((record) => {
        record.subject.agent_no = event.target.value.trim();
      });
    return h("section.card.pad.field", null, h("label", { for: "agent-no" }, t("Agent number heard")), h("input.input.num", { id: "agent-no", "data-key": "agent-no", inputmode: "numeric", maxlength: "20", autocomplete: "off", value: this.draft.record.subject.agent_no, oninput: save }));
  }

  #recording() {
    const files = this.draft.record.evidence.filter((entry) => entry.media_type.startsWith("audio/"));
    const said = files.length ? tn("{n} recording kept", "{n} recordings kept", files.length) : t("After the call, from your phone's recordings");
    return h("section.card.rec", null, h("span.rc", null, icon("file-audio")), h("div", null, h("div", null, t("Recording of the call")), h("div.s.t3", null, said)), recordingInput(this));
  }

  #mark(name, at = null) {
    this.draft.change((record) => {
      record.timeline = timers.mark(record.timeline, name, at);
    });
    this.measure();
    this.redraw();
  }

  /** Fills in what the marks measure, unless the person typed another value. */
  measure() {
    for (const item of this.list.items.values()) {
      const marks = timers.MEASURES[item.concept];
      if (!marks || !marks.every((name) => timers.find(this.timeline, name))) continue;
      const before = this.draft.answer(item.id);
      if (before.not_applicable || (before.value !== undefined && !before.by_marks)) continue;
      this.draft.set(item.id, { value: String(Math.max(0, Math.round(timers.between(this.timeline, ...marks)))), by_marks: true });
    }
  }

  #later() {
    sheet(t("Add a mark later"), (close) => {
      const marks = timers.CALL.map((name) => [name, NAMES()[name]]);
      const form = addLater(this, () => close(), marks, () => this.measure());
      form.open = true;
      return [h("h2", null, t("Add a mark later")), h("p.s.t2", null, t("It is kept with the word that it was added later.")), form, h("button.btn.lg.mt", { type: "button", onclick: close }, t("Close"))];
    });
  }

  #dock() {
    const next = timers.nextOfCall(this.timeline);
    const line = h("div.dockline", null, savedLine(this.draft), h("span.t3", null, t("The clock runs on in the phone app")));
    if (!next) return h("div.dock", null, line, h("a.btn.p.lg", { href: `#/visit/${this.draft.record.visit_id}` }, t("Go on scoring")));
    const [sign, words] = NEXT()[next];
    const main = h("button.btn.p.lg", { type: "button", "data-key": "next-mark", onclick: () => this.#mark(next) }, icon(sign), words);
    const hang = h("button.btn.lg.d", { type: "button", "data-key": "hang-up", onclick: () => this.#mark("hang_up") }, icon("phone-off"), t("Hung up"));
    return h("div.dock", null, line, next === "dial" || next === "hang_up" ? main : h("div.mark", null, main, hang));
  }
}
