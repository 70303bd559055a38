/** All time marks of a visit in one sheet: set them now, or add one later (which is said). */
import { h, icon } from "../dom.js";
import { clock, pick, second, t } from "../i18n.js";
import { shown } from "../rules.js";
import * as timers from "../timers.js";
import { checkMark } from "./arrival.js";
import { sheet } from "./parts.js";

/** The marks of a hall visit, each with a button. */
export function timerSheet(context) {
  sheet(t("Time marks"), (close) => {
    const body = h("div");
    const draw = () => body.replaceChildren(...content(context, draw, close));
    draw();
    return [h("h2", null, t("Time marks")), body, h("button.btn.lg.mt", { type: "button", onclick: close }, t("Close"))];
  });
}

function content(context, draw, close) {
  const { draft, list } = context;
  const watches = [...list.items.values()].filter((item) => item.type === "duration" && shown(list, draft.record.answers, item));
  const check = (mark) => () => {
    close();
    checkMark(context, mark);
  };
  return [
    row(draft, timers.IN, t("Arrival"), h("button.btn.o", { type: "button", onclick: check(timers.IN) }, t("Now"))),
    ...watches.map((item) => watchRow(context, item, draw)),
    row(draft, timers.OUT, t("Departure"), h("button.btn.o", { type: "button", onclick: check(timers.OUT) }, t("Now"))),
    addLater(context, draw, [
      [timers.IN, t("Arrival")],
      ...watches.flatMap((item) => [
        [timers.watch(item)[0], `${item.code} ${t("start")}`],
        [timers.watch(item)[1], `${item.code} ${t("stop")}`],
      ]),
      [timers.OUT, t("Departure")],
    ]),
  ];
}

function row(draft, mark, words, button) {
  const entry = timers.find(draft.record.timeline, mark);
  const said = entry ? second(entry.at) + (entry.added_later ? ` · ${t("added later")}` : "") : "—";
  return h("div.fl", null, icon("timer"), h("span", null, words, h("br"), h("span.xs.t3.num", null, said)), entry ? h("span.good", null, icon("check")) : button);
}

function watchRow(context, item, draw) {
  const { draft } = context;
  const [start, stop] = timers.watch(item);
  const going = timers.running(draft.record.timeline, item);
  const seconds = timers.between(draft.record.timeline, start, stop);
  const press = () => {
    draft.change((record) => {
      record.timeline = going ? timers.mark(record.timeline, stop) : timers.mark(record.timeline.filter((one) => one.mark !== stop), start);
    });
    if (going) measured(context, item);
    context.redraw(item.id);
    draw();
  };
  const since = going ? { "data-since": String(Date.parse(timers.find(draft.record.timeline, start).at)) } : null;
  return h(
    "div.fl",
    null,
    icon("timer"),
    h("span", null, `${item.code} ${pick(item.text)}`, h("br"), h("span.xs.t3.num", since, seconds === null ? "—" : clock(seconds))),
    h("button.btn", { type: "button", class: going ? "p" : "o", onclick: press }, going ? t("Stop") : t("Start")),
  );
}

function measured({ draft }, item) {
  const seconds = timers.between(draft.record.timeline, ...timers.watch(item));
  if (seconds !== null && seconds >= 0) draft.set(item.id, { value: String(Math.round(seconds)), not_applicable: undefined });
}

/** Choose a mark, give its time: it is written with "added later". `after(mark)` runs when it is. */
export function addLater(context, draw, marks, after = () => {}) {
  const which = h("select.input", { "aria-label": t("Time mark") }, marks.map(([mark, words]) => h("option", { value: mark }, words)));
  const time = h("input.input", { type: "time", step: "1", "aria-label": t("Time") });
  const fault = h("p.err", { role: "alert" });
  const add = () => {
    const at = timers.parseClock(time.value);
    if (!at) return fault.replaceChildren(t("Please give a time."));
    context.draft.change((record) => {
      record.timeline = timers.mark(record.timeline, which.value, at);
    });
    const item = [...context.draft.checklist.items.values()].find((one) => which.value.startsWith(`${one.id}:`));
    if (item && !timers.running(context.draft.record.timeline, item)) measured(context, item);
    after(which.value);
    context.redraw();
    return draw();
  };
  return h(
    "details.mt",
    null,
    h("summary.row.s", null, icon("clock-plus"), t("Add a mark later")),
    h("div.addlater", null, which, time, h("button.btn.o", { type: "button", onclick: add }, t("Add"))),
    fault,
  );
}
