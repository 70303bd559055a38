/** Measured values: minutes and seconds or a number, typed or from the item's stopwatch. */
import { h, icon } from "../dom.js";
import { clock, figure, second, span, t } from "../i18n.js";
import { measure } from "../rules.js";
import * as timers from "../timers.js";
import { lowkey } from "./parts.js";

/** The field for a measured value, with its stopwatch; `naKey` is the N/A key where the item allows it. */
export function measured(context, item, answer, naKey) {
  const box = item.type === "duration" ? durationBox(context, item, answer) : numberBox(context, item, answer);
  if (!naKey) return box;
  return h("div.stack.gap-s", null, box, h("div.seg4.two", { role: "group", "aria-label": t("N/A") }, answer.not_applicable ? naOff(context, item) : naKey));
}

function naOff(context, item) {
  const undo = () => {
    context.draft.set(item.id, { not_applicable: undefined, reason: undefined });
    context.redraw(item.id);
  };
  return h("label.x.on", null, h("input", { type: "checkbox", checked: true, "data-key": `${item.id}/na`, onchange: undo }), h("span", null, t("N/A")));
}

function keep(context, item, value) {
  context.draft.set(item.id, { value: value === "" ? undefined : value, not_applicable: undefined, by_marks: undefined });
}

function durationBox(context, item, answer) {
  const has = answer.value !== undefined;
  const whole = Math.round(Number(answer.value ?? 0));
  const field = (name, label, value) =>
    h("input.input.num", {
      type: "text",
      inputmode: "numeric",
      maxlength: "4",
      id: `${name}-${item.code}`,
      "aria-label": `${item.code} ${label}`,
      "data-key": `${name}-${item.id}`,
      value: has ? String(value) : "",
      oninput: () => keep(context, item, typed()),
      onchange: () => context.redraw(item.id),
    });
  const minutes = field("min", t("minutes"), Math.floor(whole / 60));
  const seconds = field("sec", t("seconds"), whole % 60);
  const typed = () => {
    if (!/\d/.test(minutes.value + seconds.value)) return "";
    return String((Number.parseInt(minutes.value, 10) || 0) * 60 + (Number.parseInt(seconds.value, 10) || 0));
  };
  return h("div.stack.gap-s", null, h("div.measure", null, minutes, h("span", null, t("min")), seconds, h("span", null, t("s")), stopwatch(context, item)), facts(context, item, answer));
}

function stopwatch(context, item) {
  const { draft } = context;
  if (timers.MEASURES[item.concept] && context.call) return null;
  const [start, stop] = timers.watch(item);
  const going = timers.running(draft.record.timeline, item);
  const press = () => {
    draft.change((record) => {
      record.timeline = going ? timers.mark(record.timeline, stop) : timers.mark(record.timeline.filter((one) => one.mark !== stop), start);
    });
    if (going) keep(context, item, String(Math.round(timers.between(draft.record.timeline, start, stop))));
    context.redraw(item.id);
  };
  const since = going ? Date.parse(timers.find(draft.record.timeline, start).at) : null;
  return h(
    "button.btn",
    { type: "button", class: going ? "p" : "o", onclick: press, "data-key": `watch-${item.id}` },
    icon("timer"),
    going ? t("Stop") : t("Start"),
    going ? h("span.num", { "data-since": String(since) }, clock((Date.now() - since) / 1000)) : null,
  );
}

function facts(context, item, answer) {
  if (answer.value === undefined || answer.not_applicable) return null;
  const points = measure(item, answer.value);
  const tone = !item.points ? "" : points >= item.points ? "g" : points > 0 ? "w" : "r";
  const marks = (context.call && timers.MEASURES[item.concept]) || timers.watch(item);
  const [from, to] = marks.map((name) => timers.find(context.draft.record.timeline, name));
  const worth = item.points && !lowkey() ? ` · ${t("{n} pts", { n: figure(points) })}` : "";
  return h("div.row.s.wrap", null, h("span.tag", { class: tone }, icon("timer"), t("Measured {time}", { time: span(Number(answer.value)) }), worth), from && to ? h("span.t3.num", null, `${second(from.at)} → ${second(to.at)}`) : null);
}

function numberBox(context, item, answer) {
  const unit = { people: t("people"), percent: "%", yuan: t("yuan"), count: t("times"), seconds: t("s"), minutes: t("min") };
  const input = h("input.input.num", {
    type: "text",
    inputmode: "decimal",
    maxlength: "9",
    "aria-labelledby": `q-${item.code}`,
    "data-key": `number-${item.id}`,
    value: answer.value ?? "",
    oninput: (event) => {
      const text = event.target.value.trim().replace(",", ".");
      const good = /^\d+(\.\d+)?$/.test(text);
      event.target.setAttribute("aria-invalid", String(Boolean(text) && !good));
      if (good || !text) keep(context, item, text);
    },
    onchange: () => context.redraw(item.id),
  });
  return h("div.measure", null, input, h("span", null, unit[item.thresholds?.unit] ?? item.thresholds?.unit ?? ""));
}
