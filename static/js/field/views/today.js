/** Today: the one thing to do next on top, then the rest, then what was sent. */
import { on } from "../bus.js";
import { h, icon } from "../dom.js";
import { day, dayKey, hour, nearDay, megabytes, pick, t, tn } from "../i18n.js";
import * as outbox from "../outbox.js";
import { normalise, total } from "../rules.js";
import { asking, isCall, isReturned, jobs, open, refresh } from "../work.js";
import { hero, kindTag, loading, notice, signInAgain, state, tabbar } from "./parts.js";

export async function today() {
  const main = h("main.ph-main");
  const head = h("div");
  const draw = async () => {
    const all = await jobs();
    head.replaceChildren(heading(all));
    main.replaceChildren(...(await content(all)));
  };
  const off = [...["jobs", "draft", "sending"].map((kind) => on(kind, draw)), whenAsked(main, draw)];
  addEventListener("online", draw);
  addEventListener("offline", draw);
  refresh();
  await draw();
  return {
    title: t("Today's tasks"),
    nodes: [head, main, tabbar()],
    leave() {
      off.forEach((stop) => stop());
      removeEventListener("online", draw);
      removeEventListener("offline", draw);
    },
  };
}

/** Draws anew at the end of a refresh, where the page speaks of it: nothing moves under a finger without need. */
export const whenAsked = (main, draw) => on("refreshed", ({ problem }) => (problem || main.querySelector("[data-asking]")) && draw());

const soon = ({ assignment, draft }) => draft || isReturned(assignment) || dayKey(assignment.window.start) <= dayKey(Date.now());

function heading(all) {
  const due = all.filter((job) => open(job) && soon(job)).length;
  const done = all.filter((job) => job.entry && dayKey(job.entry.ready_at) === dayKey(Date.now())).length;
  return hero(t("Today's tasks"), [day(Date.now()), tn("{n} task", "{n} tasks", due + done), tn("{n} done", "{n} done", done)].join(" · "));
}

async function content(all) {
  const nodes = [];
  if (!navigator.onLine) {
    nodes.push(notice("w", "hard-drive-download", t("No network. Downloaded tasks work as always and stay on this phone; they are sent by themselves once there is a network.")));
  }
  nodes.push(...(await warnings()));
  const todo = all.filter(open).sort((a, b) => rank(a) - rank(b));
  const now = todo.filter(soon);
  const later = todo.filter((job) => !soon(job));
  const sent = (await outbox.entries()).reverse().filter((entry) => outbox.waiting(entry) || dayKey(entry.ready_at) === dayKey(Date.now()));
  if (!now.length && !sent.length) nodes.push(all.length ? nothing(later[0]) : none());
  now.forEach((job, at) => nodes.push(card(job, at === 0)));
  if (later.length && (now.length || sent.length)) nodes.push(h("h2.lbl", null, t("Later")));
  later.forEach((job) => nodes.push(card(job, false)));
  if (sent.length) nodes.push(h("h2.lbl", null, t("Finished")), ...sent.map(finished));
  return nodes;
}

const OLD = 3 * 86_400_000;

/** What could cost somebody their work: an in-app browser, or unsent visits that grow old. */
async function warnings() {
  const found = [];
  if (/MicroMessenger/i.test(navigator.userAgent)) found.push(notice("w", "smartphone", t("Please open this page in your phone's browser: here the camera and the storage are not reliable.")));
  const old = (await outbox.entries()).filter((entry) => outbox.waiting(entry) && Date.now() - Date.parse(entry.ready_at) > OLD);
  if (old.length) found.push(notice("r", "octagon-alert", t("Visits have been waiting here for more than 3 days. Please find a network, or export a backup."), " ", h("a.lk", { href: "#/outbox" }, t("Outbox"))));
  return found;
}

function rank({ assignment, draft }) {
  if (draft) return 0;
  if (isReturned(assignment)) return 1;
  return assignment.status === "offered" ? 3 : 2;
}

function nothing(next) {
  const text = next
    ? t("The next one is on {day}, {time}.", { day: day(next.assignment.window.start), time: hour(next.assignment.window.start) })
    : t("New tasks appear here.");
  return state("coffee", "q", t("Nothing to do today"), text);
}

/** No job on this phone: asked and none, still asking, or nobody answered. */
export function none() {
  const { running, last } = asking();
  if (last === "") return nothing();
  if (running) return loading();
  if (last === "signed-out") return signInAgain([]);
  return state("cloud-off", "w", t("No answer from the server"), t("New tasks appear here as soon as there is a network."), h("button.btn.lg", { type: "button", onclick: refresh }, t("Load again")));
}

/** One job as a card. */
export function card(job, first) {
  const { assignment, draft, checklist } = job;
  const list = checklist ? normalise(checklist) : null;
  const count = draft && list ? total(list, draft) : null;
  return h(
    "section.card.task",
    { "data-assignment": assignment.id },
    h("div.row.between", null, kindTag(assignment.touchpoint.kind), stateTag(job)),
    h("h2.nm", null, assignment.touchpoint.name),
    h("div.meta", null, meta(job, list)),
    assignment.scenario && (first || draft) ? h("div.brief", null, h("b", null, t("Scenario")), " ", pick(assignment.scenario.goal)) : null,
    count ? h("div.row", null, h("progress.bar.grow", { max: count.all || 1, value: count.done, "aria-label": t("Filled in") }), h("span.s.t2.num.nowrap", null, `${count.done} / ${count.all}`)) : null,
    actions(job, list, first),
  );
}

function stateTag({ assignment, draft, checklist }) {
  if (isReturned(assignment)) {
    const by = assignment.return_deadline;
    return h("span.tag.r", null, icon("undo-2"), by ? t("Sent back · until {day} {time}", { day: nearDay(by), time: hour(by) }) : t("Sent back"));
  }
  if (draft) {
    const left = Math.round((Date.parse(assignment.window.end) - Date.now()) / 60_000);
    return h("span.tag.w", null, left > 0 && left <= 180 ? t("In progress · {n} min left", { n: left }) : t("In progress"));
  }
  if (assignment.status === "offered") {
    return h("span.tag.w", null, icon("clock"), assignment.respond_by ? t("Answer by {day} {time}", { day: nearDay(assignment.respond_by), time: hour(assignment.respond_by) }) : t("Please answer"));
  }
  if (checklist) return h("span.tag.g", null, icon("download"), t("Works offline"));
  return asking().running ? h("span.tag.q", { "data-asking": true }, icon("loader-circle", "spin"), t("Downloading…")) : h("span.tag.w", null, t("Not downloaded"));
}

function meta({ assignment }, list) {
  const { start, end } = assignment.window;
  const today = dayKey(start) === dayKey(Date.now());
  const at = dayKey(start) === dayKey(end) ? `${today ? "" : `${day(start)} `}${hour(start)}–${hour(end)}` : `${day(start)} – ${day(end)}`;
  const place = assignment.touchpoint.unit_name;
  return [
    place ? h("span", null, icon("map-pin"), place) : null,
    h("span", null, icon("clock"), at),
    list ? h("span", null, icon("list-checks"), size(list)) : null,
  ];
}

function size(list) {
  const items = tn("{n} item", "{n} items", list.items.size);
  return list.minutes ? `${items} · ${t("about {n} min", { n: list.minutes })}` : items;
}

/** Where filling in goes on. */
export function placeOf(draft, assignment) {
  if (draft.place) return draft.place;
  return isCall(assignment) ? `/call/${draft.visit_id}` : `/visit/${draft.visit_id}`;
}

function actions({ assignment, draft, checklist }, list, first) {
  if (draft) {
    const section = list?.sections.find((part) => draft.place?.includes(`/${part.id}`));
    const words = section ? t("Go on · {section}", { section: pick(section.title) }) : t("Go on");
    return h("a.btn.p.lg", { href: `#${placeOf(draft, assignment)}` }, words);
  }
  const briefing = `#/briefing/${assignment.id}`;
  if (isReturned(assignment)) return h("a.btn.p.lg", { href: `#/return/${assignment.id}` }, t("See what is asked"));
  if (assignment.status === "offered") return h("a.btn.lg", { class: first ? "p" : "o", href: briefing }, t("Read and answer"));
  if (!checklist) return h("p.s.t2.mt", null, asking().running ? t("The checklist is being downloaded. A moment, please.") : t("Needs a network once, to download the checklist."));
  if (first) return h("div.two2", null, h("a.btn", { href: briefing }, t("Briefing")), h("a.btn.p", { href: `#/start/${assignment.id}` }, t("Start")));
  return h("div.two2.eq", null, h("a.btn", { href: briefing }, t("Briefing")), h("a.btn.o", { href: `#/start/${assignment.id}` }, t("Start")));
}

function finished(entry) {
  const done = entry.state === "done";
  const tag = done
    ? h("span.tag.g", null, icon("check"), t("Received"))
    : outbox.stuck(entry)
      ? h("span.tag.r", null, t("Needs attention"))
      : h("span.tag.w", null, t("Waiting · {size}", { size: megabytes(left(entry)) }));
  return h(
    "a.card.done",
    { href: `#/receipt/${entry.visit_id}` },
    h("span.okc", null, icon(done ? "check" : "cloud-upload")),
    h("div.grow", null, h("div.b", null, entry.name), h("div.s.t3", null, t("Finished {time}", { time: hour(entry.ready_at) }), " · ", tn("{n} photo", "{n} photos", entry.photos))),
    tag,
  );
}

/** Bytes of a visit that the server does not have yet. */
export function left(entry) {
  const files = entry.evidence.filter((one) => !entry.received.includes(one.sha256)).reduce((sum, one) => sum + one.size, 0);
  return files + (entry.receipt ? 0 : (entry.body?.length ?? 0));
}
