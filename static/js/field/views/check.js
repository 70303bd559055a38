/** The last page before sending: every gap with its link, what was gathered, the declaration. */
import { on } from "../bus.js";
import { h, icon, swap } from "../dom.js";
import { day, hour, megabytes, pick, span, t, tn } from "../i18n.js";
import * as outbox from "../outbox.js";
import * as router from "../router.js";
import { gaps, progress, sections } from "../rules.js";
import * as timers from "../timers.js";
import { isCall } from "../work.js";
import { arrivalCard } from "./arrival.js";
import { gapWords } from "./item.js";
import { gone, notice, savedLine, thumb, top } from "./parts.js";
import { draftOf } from "./score.js";

const SHOWN_THUMBS = 4;

export async function check({ visit }) {
  const draft = await draftOf(visit);
  if (draft === undefined) return null;
  if (!draft) return gone();
  return new CheckPage(draft).view();
}

class CheckPage {
  constructor(draft) {
    this.draft = draft;
    this.list = draft.checklist;
    this.visit = draft.record.visit_id;
    this.call = isCall(draft.assignment);
    this.sending = false;
    this.undeclared = false;
  }

  view() {
    this.main = this.#main();
    this.dock = this.#dock();
    sessionStorage.setItem(`asked-${this.visit}`, "1");
    const off = on("draft", () => this.dock.querySelector("[data-live=saved]")?.replaceWith(savedLine(this.draft)));
    const network = () => this.redraw();
    addEventListener("online", network);
    addEventListener("offline", network);
    const name = this.draft.assignment?.touchpoint.name ?? "";
    const back = this.draft.record.place?.startsWith("/visit") ? this.draft.record.place : `/visit/${this.visit}`;
    return {
      title: t("Check and send"),
      nodes: [top(t("Check and send"), `${name} · ${day(this.draft.record.started_at)}`, { back }), this.main, this.dock],
      leave: () => {
        off();
        removeEventListener("online", network);
        removeEventListener("offline", network);
        this.draft.close();
      },
    };
  }

  redraw() {
    this.main = swap(this.main, this.#main());
    this.dock = swap(this.dock, this.#dock());
  }

  #gaps() {
    return gaps(this.list, this.draft.record);
  }

  #link(item) {
    return `#/visit/${this.visit}/${item.section}/${item.code}`;
  }

  #main() {
    const missing = this.#gaps();
    return h(
      "main.ph-main.tall",
      null,
      missing.length ? this.#summary(missing) : null,
      this.#asked(),
      this.#sections(missing),
      this.#evidence(),
      this.#times(),
      this.call || timers.find(this.draft.record.timeline, timers.OUT) ? null : arrivalCard(this, timers.OUT),
      this.#subject(),
      this.#declaration(),
    );
  }

  #summary(missing) {
    return h(
      "section.errs",
      { id: "gaps", tabindex: "-1", "aria-labelledby": "gaps-title" },
      h("h2", { id: "gaps-title" }, icon("circle-alert"), tn("{n} item needs something more", "{n} items need something more", missing.length)),
      h("ul", null, missing.map(({ item, kinds }) => h("li", null, h("a", { href: this.#link(item) }, h("span", null, `${item.code} ${pick(item.text)} — ${kinds.map(gapWords).join(t(", "))}`), icon("chevron-right"))))),
    );
  }

  /** What the reviewer asks for: on the whole, and item by item with its link. */
  #asked() {
    const { notes } = this.draft.record;
    if (!notes.length) return null;
    const line = (note) => {
      const item = this.list.items.get(note.item_id);
      const text = pick(note.text ?? note.note);
      return h("li", null, item ? h("a", { href: this.#link(item) }, `${item.code} ${text}`) : text);
    };
    return notice("w", "undo-2", h("h2.l15", null, t("The reviewer asks")), h("ul.asks", null, notes.map(line)));
  }

  #sections(missing) {
    return h(
      "section.card.secs",
      { "aria-label": t("Sections") },
      sections(this.list, this.draft.record).map((part) => {
        const name = `${part.letter} ${pick(part.title)}`;
        const count = progress(this.list, this.draft.record, part);
        const gap = missing.filter(({ item }) => item.section === part.id).length;
        const sign = gap ? h("span.tag.r", null, tn("{n} missing", "{n} missing", gap)) : h("span.good", null, icon("check"));
        return h("div.sec", null, h("span", null, name), h("span.row", null, sign, h("span.t3.s.num", null, `${count.done}/${count.all}`)), h("a.ib", { href: `#/visit/${this.visit}/${part.id}`, "aria-label": t("Change {what}", { what: name }) }, icon("pencil-line")));
      }),
    );
  }

  #evidence() {
    const files = this.draft.record.evidence;
    const photos = files.filter((entry) => entry.media_type.startsWith("image/"));
    const weight = files.reduce((sum, entry) => sum + entry.size, 0);
    const said = [tn("{n} photo", "{n} photos", photos.length)];
    if (files.length > photos.length) said.push(tn("{n} recording", "{n} recordings", files.length - photos.length));
    said.push(megabytes(weight));
    const more = photos.length - SHOWN_THUMBS;
    return h(
      "section.card",
      null,
      h("header.row.between", null, h("h2.b", null, t("Evidence")), h("span.s.t3", null, said.join(" · "))),
      photos.length ? h("div.strip", null, photos.slice(0, SHOWN_THUMBS).map((entry, at) => thumb(this.visit, entry.sha256, t("Photo {n}", { n: at + 1 }))), more > 0 ? h("span.thumb.more", null, `+${more}`) : null) : null,
    );
  }

  #times() {
    const { timeline } = this.draft.record;
    const [first, last] = this.call ? ["dial", "hang_up"] : [timers.IN, timers.OUT];
    const from = timers.find(timeline, first);
    const to = timers.find(timeline, last);
    const rows = [];
    const stay = from ? `${hour(from.at)} – ${to ? `${hour(to.at)} (${span(timers.between(timeline, first, last))})` : "…"}` : "—";
    rows.push([this.call ? t("Call") : t("Arrival – departure"), stay]);
    if (!this.call) rows.push([t("Position at the door"), this.draft.record.check_in || this.draft.record.check_out ? t("taken, with your consent") : t("not taken")]);
    else rows.push([t("Transfers / menu levels"), `${this.draft.record.call?.transfers ?? 0} / ${this.draft.record.call?.menu_depth ?? 0}`]);
    for (const item of this.list.items.values()) {
      const { value } = this.draft.answer(item.id);
      if (item.type === "duration" && value !== undefined) rows.push([`${item.code} ${pick(item.text)}`, span(Number(value))]);
    }
    return h("section.card", null, h("dl.kvr", null, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd.num", null, value)))));
  }

  #subject() {
    const field = (key, words, hint) => {
      const save = (event) =>
        this.draft.change((record) => {
          record.subject[key] = event.target.value;
        });
      return h("div.field", null, h("label", { for: `subject-${key}` }, words), h("input.input", { id: `subject-${key}`, "data-key": `subject-${key}`, autocomplete: "off", maxlength: key === "description" ? "200" : "20", value: this.draft.record.subject[key] ?? "", oninput: save }), hint ? h("span.hint", null, hint) : null);
    };
    const fields = this.call
      ? [field("agent_no", t("Agent number heard"))]
      : [h("div.two", null, field("badge", t("Badge number")), field("desk", t("Desk number"))), field("description", t("Who it was"), t("Only what the badge or desk does not tell: never looks, age or accent."))];
    return h("section.card.pad.stack", null, h("h2.b.l15", null, t("Who served you (if you know)")), fields);
  }

  #declaration() {
    const save = (event) => {
      this.undeclared = false;
      this.draft.change((record) => {
        record.declaration = event.target.checked;
      });
      this.redraw();
    };
    return h(
      "section.card",
      { class: this.undeclared ? "gap" : "" },
      h("label.cbxrow", null, h("input", { type: "checkbox", id: "declaration", "data-key": "declaration", checked: this.draft.record.declaration, "aria-describedby": this.undeclared ? "declaration-fault" : null, onchange: save }), h("span", null, this.call ? t("I declare that I made this call myself and that everything above is as I experienced it.") : t("I declare that I was there myself, that everything above is as I experienced it, and that no photo was altered."))),
      this.undeclared ? h("p.err.pad", { id: "declaration-fault", role: "alert" }, icon("circle-alert"), t("Please confirm this first.")) : null,
    );
  }

  #dock() {
    const missing = this.#gaps().length;
    const offline = !navigator.onLine;
    const line = offline ? h("span.warn", null, icon("cloud-off"), ` ${t("Offline now: it waits in the outbox and is sent by itself")}`) : savedLine(this.draft);
    const words = missing ? tn("Complete {n} item, then send", "Complete {n} items, then send", missing) : t("Send");
    return h("div.dock", null, h("div.dockline", null, line), h("button.btn.p.lg", { type: "button", id: "send", "data-key": "send", onclick: () => this.#send() }, words));
  }

  async #send() {
    const [gap] = this.#gaps();
    if (gap) {
      location.hash = this.#link(gap.item);
      return;
    }
    if (!this.draft.record.declaration) {
      this.undeclared = true;
      this.redraw();
      const box = document.getElementById("declaration");
      box.scrollIntoView({ block: "center" });
      box.focus();
      return;
    }
    if (this.sending) return;
    this.sending = true;
    try {
      await this.draft.finish();
      sessionStorage.removeItem(`asked-${this.visit}`);
      router.instead(`/receipt/${this.visit}`);
      outbox.pump();
    } catch (error) {
      this.sending = false;
      this.dock.prepend(notice("r", "circle-alert", t("It could not be kept on this phone: {why}. Nothing is lost; try again.", { why: error.message })));
    }
  }
}
