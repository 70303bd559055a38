/** The briefing of one job: what, when, whom to play, what to bring back; accept or decline. */
import { h, icon } from "../dom.js";
import { day, dayKey, hour, nearDay, pick, t, tn } from "../i18n.js";
import * as protocol from "../protocol.js";
import { go } from "../router.js";
import { normalise } from "../rules.js";
import * as store from "../store.js";
import { isCall, refresh } from "../work.js";
import { gone, kindTag, lowkeyButton, notice, sheet, top, why } from "./parts.js";

const REASONS = [
  ["time", "The time does not suit"],
  ["distance", "Too far"],
  ["conflict", "I know people there (conflict of interest)"],
  ["recognised", "Been there, may be recognised"],
  ["health", "Illness or family"],
  ["other", "Something else"],
];

export async function briefing({ assignment: id }) {
  const assignment = await store.get("assignments", id);
  if (!assignment) return gone();
  const raw = await store.get("checklists", assignment.checklist_version_id);
  const list = raw ? normalise(raw) : null;
  const declared = h("input", { type: "checkbox", id: "no-tie" });
  const offered = assignment.status === "offered";
  const at = assignment.offered_at;
  return {
    title: t("Briefing"),
    nodes: [
      top(t("Briefing"), at ? t("Sent {day} {time}", { day: day(at), time: hour(at) }) : assignment.programme.name, { back: "/", right: lowkeyButton() }),
      h(
        "main.ph-main.tall",
        null,
        placeCard(assignment, list),
        assignment.scenario ? persona(assignment.scenario) : null,
        assignment.scenario ? sayings(assignment.scenario) : null,
        assignment.briefing ? h("section.card.pad", null, h("h2.hd", null, icon("info"), t("From the planner")), h("p.s.pre", null, pick(assignment.briefing))) : null,
        list ? evidence(assignment, list) : null,
        rules(assignment),
        offered ? h("label.card.cbxrow", null, declared, h("span", null, t("I have no family, employment or business ties with this place or its staff, and never complained about it."))) : null,
      ),
      dock(assignment, list, declared),
    ],
  };
}

function placeCard(assignment, list) {
  const { touchpoint, programme, window: when } = assignment;
  const oneDay = dayKey(when.start) === dayKey(when.end);
  const due = assignment.status === "offered" && assignment.respond_by;
  return h(
    "section.card",
    null,
    h(
      "div.pad",
      null,
      h(
        "div.row.wrap.gap-s",
        null,
        kindTag(touchpoint.kind),
        h("span.tag", null, programme.manner === "overt" ? t("Overt") : t("Covert")),
        due ? h("span.grow") : null,
        due ? h("span.tag.w", null, icon("clock"), t("Answer by {day} {time}", { day: nearDay(due), time: hour(due) })) : null,
      ),
      h("div.big.mt", null, touchpoint.name),
      h("div.s.t2", null, [touchpoint.unit_name, touchpoint.address].filter(Boolean).join(" · ")),
    ),
    h(
      "div.win",
      null,
      h("div", null, h("span.s.t3", null, isCall(assignment) ? t("Call between") : t("Be there")), h("b.num", null, day(when.start)), h("span.num", null, oneDay ? `${hour(when.start)}–${hour(when.end)}` : t("until {day}", { day: day(when.end) }))),
      h(
        "div",
        null,
        h("span.s.t3", null, assignment.points ? t("You earn") : t("How much")),
        h("b.num", null, assignment.points ? tn("{n} point", "{n} points", assignment.points) : list ? tn("{n} item", "{n} items", list.items.size) : "—"),
        list?.minutes ? h("span.t2.s", null, t("about {n} min", { n: list.minutes }), assignment.points ? ` · ${tn("{n} item", "{n} items", list.items.size)}` : "") : null,
      ),
    ),
  );
}

function persona({ persona: who, goal, script }) {
  const story = typeof script === "string" || script?.zh || script?.en ? script : script?.do;
  return h(
    "section.card.pad",
    null,
    h("h2.hd", null, icon("drama"), t("Who you are")),
    h("div.pf", null, h("span.av", null, icon("user-round")), h("div", null, h("b", null, pick(who)), h("div.s.t2", null, pick(goal)))),
    lines(story).map((text) => h("p.s.mt", null, text)),
  );
}

const lines = (value) => (Array.isArray(value) ? value.map(pick) : [pick(value)]).filter(Boolean);

function sayings({ script }) {
  const say = lines(script?.say);
  const never = lines(script?.never);
  if (!say.length && !never.length) return null;
  return h(
    "section.card.pad",
    null,
    h("h2.hd", null, icon("message-circle"), t("Say and never say")),
    say.map((text) => h("div.sn", null, icon("circle-check", "good"), h("span", null, h("span.sr", null, `${t("Say")}: `), text))),
    never.map((text) => h("div.sn", null, icon("circle-x", "bad"), h("span", null, h("span.sr", null, `${t("Never say")}: `), text))),
  );
}

function evidence(assignment, list) {
  const all = [...list.items.values()];
  const always = all.filter((item) => item.evidence.photo === "always");
  const onLoss = all.filter((item) => item.evidence.photo === "on_loss").length;
  const call = isCall(assignment);
  return h(
    "section.card.pad",
    null,
    h("h2.hd", null, icon("camera"), t("What to bring back")),
    always.length ? h("div.ev", null, always.map((item) => h("div", null, h("b", null, t("1 photo")), pick(item.text)))) : null,
    h(
      "div.s.t2.mt",
      null,
      onLoss ? h("p", null, icon("image-plus"), " ", tn("A photo where points are lost, at {n} item", "A photo where points are lost, at {n} items", onLoss)) : null,
      h("p", null, icon("timer"), " ", call ? t("Five time marks: dial, menu, queue, agent, hang-up") : t("Time marks: arrival, waiting, departure")),
      h("p", null, icon("mic-off"), " ", call ? t("A recording only if your phone made one") : t("No sound recording")),
      call ? null : h("p", null, icon("map-pin"), " ", t("Position only at arrival and departure, if you agree")),
    ),
  );
}

function rules(assignment) {
  const covert = assignment.programme.manner !== "overt";
  const texts = [
    covert ? t("If you are recognised, leave quietly. It costs you nothing.") : t("Show your card and say why you are there."),
    t("Your safety first: you may stop at any time."),
    t("Tell nobody where you have been before the result is published."),
    t("Send it on the same day; without a network it waits on this phone."),
  ];
  return h("section.card.pad", null, h("h2.hd", null, icon("shield-check"), t("Ground rules")), h("ul.rules", null, texts.map((text) => h("li", null, text))));
}

function dock(assignment, list, declared) {
  const line = list
    ? h("span.good", null, icon("download"), ` ${t("Downloaded, works without a network")}`)
    : h("span.warn", null, icon("cloud-off"), ` ${t("Needs a network once, to download the checklist.")}`);
  const said = h("div", { role: "status" });
  const buttons =
    assignment.status === "offered"
      ? h("div.two2", null, h("button.btn.lg", { type: "button", onclick: () => declineSheet(assignment) }, t("Decline")), h("button.btn.p.lg", { type: "button", onclick: (event) => accept(assignment, declared, said, event.currentTarget) }, t("Accept the task")))
      : h("a.btn.p.lg", { href: `#/start/${assignment.id}` }, isCall(assignment) ? t("Start the call") : t("Start the visit"));
  return h("div.dock", null, h("div.dockline.s", null, line), said, buttons);
}

async function accept(assignment, declared, said, button) {
  if (!declared.checked) {
    said.replaceChildren(notice("r", "circle-alert", t("Please confirm first that you have no ties, or decline.")));
    declared.focus();
    declared.scrollIntoView({ block: "center" });
    return;
  }
  button.setAttribute("aria-disabled", "true");
  try {
    await protocol.accept(assignment.id);
    await store.put("assignments", { ...assignment, status: "accepted" });
    refresh();
    go("/");
  } catch (error) {
    button.removeAttribute("aria-disabled");
    said.replaceChildren(notice("r", "circle-alert", why(error)));
  }
}

function declineSheet(assignment) {
  let reason = "";
  const note = h("textarea.note", { id: "decline-note", maxlength: "500", "aria-label": t("A word on it (optional)"), placeholder: t("A word on it (optional)") });
  const hint = h("div", { role: "status" });
  const choose = (code) => {
    reason = code;
    note.hidden = code === "conflict";
    hint.replaceChildren(code === "conflict" ? notice("w", "info", t("It is noted as a conflict of interest, and this place is not offered to you again. You need not say with whom.")) : "");
  };
  sheet(t("Decline this task?"), (close) => [
    h("h2", null, t("Decline this task?")),
    h("p.s.t2", null, t("Choose a reason, so that it can be planned anew. An honest answer never counts against you.")),
    h("div", { role: "radiogroup", "aria-label": t("Reason") }, REASONS.map(([code, words]) => h("label.opt", null, h("input", { type: "radio", name: "reason", value: code, onchange: () => choose(code) }), h("span", null, t(words))))),
    note,
    hint,
    h(
      "div.two2.mt",
      null,
      h("button.btn.lg", { type: "button", onclick: close }, t("Back")),
      h("button.btn.lg.d", { type: "button", onclick: () => (reason ? send(close) : hint.replaceChildren(notice("r", "circle-alert", t("Please choose a reason.")))) }, t("Decline it")),
    ),
  ]);
  const send = async (close) => {
    try {
      await protocol.decline(assignment.id, reason, note.hidden ? "" : note.value.trim());
      await store.remove("assignments", assignment.id);
      close();
      refresh();
      go("/");
    } catch (error) {
      hint.replaceChildren(notice("r", "circle-alert", why(error)));
    }
  };
}
