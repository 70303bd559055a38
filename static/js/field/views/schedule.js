/** The schedule: every open job by day. */
import { on } from "../bus.js";
import { h } from "../dom.js";
import { day, dayKey, t, tn } from "../i18n.js";
import { jobs, open, refresh } from "../work.js";
import { hero, state, tabbar } from "./parts.js";
import { card, none, whenAsked } from "./today.js";

export async function schedule() {
  const head = h("div");
  const main = h("main.ph-main");
  const draw = async () => {
    const every = await jobs();
    const all = every.filter(open);
    head.replaceChildren(hero(t("My schedule"), tn("{n} open task", "{n} open tasks", all.length)));
    main.replaceChildren(...(every.length ? content(all) : [none()]));
  };
  const off = [on("jobs", draw), whenAsked(main, draw)];
  refresh();
  await draw();
  return { title: t("My schedule"), nodes: [head, main, tabbar()], leave: () => off.forEach((stop) => stop()) };
}

function content(all) {
  if (!all.length) return [state("calendar", "q", t("No open tasks"), t("New tasks appear here."))];
  const days = Map.groupBy ? Map.groupBy(all, keyOf) : group(all);
  return [...days].flatMap(([, list]) => [h("h2.lbl", null, day(list[0].assignment.window.start)), ...list.map((job) => card(job, false))]);
}

const keyOf = ({ assignment }) => dayKey(assignment.window.start);

function group(all) {
  const days = new Map();
  for (const job of all) days.set(keyOf(job), [...(days.get(keyOf(job)) ?? []), job]);
  return days;
}
