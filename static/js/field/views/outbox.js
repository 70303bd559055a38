/** The outbox: what is on its way, part by part, and what the server has confirmed; the receipt of one visit. */
import { on } from "../bus.js";
import * as device from "../device.js";
import { h, icon, swap } from "../dom.js";
import { day, hour, megabytes, t, tn } from "../i18n.js";
import * as outbox from "../outbox.js";
import { go } from "../router.js";
import * as store from "../store.js";
import { download, gone, hero, isSignedOut, notice, signInAgain, state, tabbar, top } from "./parts.js";
import { left } from "./today.js";

function follow(draw) {
  const off = ["sending", "outbox", "progress", "signed-out"].map((kind) => on(kind, draw));
  addEventListener("online", draw);
  addEventListener("offline", draw);
  return () => {
    off.forEach((stop) => stop());
    removeEventListener("online", draw);
    removeEventListener("offline", draw);
  };
}

export async function outboxView() {
  let head = h("div");
  let main = h("main.ph-main");
  const draw = async () => {
    const entries = await outbox.entries();
    const waiting = entries.filter(outbox.waiting);
    const weight = await store.weight();
    head = swap(head, hero(t("Outbox"), situation(waiting)));
    main = swap(main, h("main.ph-main", null, content(waiting, entries, weight)));
  };
  const nodes = [head, main, tabbar()];
  const holder = h("div", null, nodes);
  await draw();
  return { title: t("Outbox"), nodes: [holder], leave: follow(draw) };
}

function situation(waiting) {
  if (!waiting.length) return t("Everything has been received");
  if (isSignedOut()) return t("Waiting for your sign-in");
  if (!navigator.onLine) return t("Sent by itself once there is a network");
  if (outbox.halted === "portal") return t("This network asks for a sign-in of its own");
  if (outbox.halted === "offline") return t("No answer; it is tried again by itself");
  if (outbox.waitsForWifi()) return t("Photos wait for Wi-Fi");
  return waiting.some((entry) => !outbox.stuck(entry)) ? t("Sending") : t("Waiting for you");
}

function content(waiting, entries, weight) {
  const done = entries.filter((entry) => !outbox.waiting(entry)).reverse().slice(0, 5);
  return [
    isSignedOut() ? signInAgain(waiting) : null,
    waiting.length || done.length ? null : state("package-open", "q", t("Nothing is waiting"), t("Finished visits appear here until the server has every part of them.")),
    waiting.map((entry) => card(entry, true)),
    h("section.card", null, wifiSwitch(), h("div.tg", null, h("span", null, t("Kept on this phone"), " ", h("span.t3.s", null, t("{size}, cleared once received", { size: megabytes(weight) }))), h("button.btn.ghost.act", { type: "button", onclick: download }, t("Export a backup")))),
    homeScreen() ? null : h("div.tip", null, icon("smartphone"), h("span", null, t("Add this page to your home screen: then the system does not clear unsent visits after 7 days."))),
    done.length ? h("h2.lbl", null, t("Received")) : null,
    done.map((entry) => h("a.card.done", { href: `#/receipt/${entry.visit_id}` }, h("span.okc", null, icon("check")), h("div.grow", null, h("div.b", null, entry.name), h("div.s.t3", null, `${day(entry.ready_at)} ${hour(entry.ready_at)}`)), h("span.tag.g", null, t("Received")))),
  ];
}

function homeScreen() {
  return matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
}

function wifiSwitch() {
  if (!navigator.connection?.type) return null;
  return h("label.tg", null, h("span", null, t("Photos and recordings over Wi-Fi only")), h("input.sw", { type: "checkbox", role: "switch", checked: device.get("wifi_only", false), onchange: (event) => (device.set("wifi_only", event.target.checked), outbox.retryAll()) }));
}

function card(entry, linked) {
  const files = entry.evidence.length;
  const parts = files + 1;
  const got = entry.received.length + (entry.receipt ? 1 : 0);
  const size = entry.evidence.reduce((sum, one) => sum + one.size, 0) + (entry.body?.length ?? 0);
  const way = size - left(entry) + entry.evidence.reduce((sum, one) => sum + (entry.received.includes(one.sha256) ? 0 : (outbox.sent.get(one.sha256) ?? 0)), 0);
  return h(
    "section.card.ob",
    { "data-visit": entry.visit_id, "data-state": entry.state },
    h("div.row.between", null, linked ? h("a.nm", { href: `#/receipt/${entry.visit_id}` }, entry.name) : h("h2.nm", null, entry.name), outbox.stuck(entry) ? h("span.tag.r", null, t("Needs attention")) : h("span.tag.q.num", null, `${got} / ${parts}`)),
    h("div.row", null, h("progress.bar.mid.grow", { max: size || 1, value: way, "aria-label": t("Sent so far") }), h("span.s.t2.num.nowrap", null, `${(way / 1_048_576).toFixed(1)} / ${megabytes(size)}`)),
    answersLine(entry),
    filesLines(entry, "image/", (n) => tn("{n} photo", "{n} photos", n)),
    filesLines(entry, "audio/", (n) => tn("{n} recording", "{n} recordings", n)),
    trouble(entry),
  );
}

const line = (sign, tone, words, said) => h("div.fl", null, icon(sign, tone), h("span", null, words), said instanceof Node ? said : h("span.s.t3", null, said));

function answersLine(entry) {
  const words = tn("Answers, {n} item", "Answers, {n} items", entry.items);
  if (entry.receipt) return line("circle-check", "good", words, t("received {time}", { time: hour(entry.receipt.received_at) }));
  if (outbox.stuck(entry)) return line("circle-alert", "bad", words, t("refused"));
  return line("cloud-upload", "act", words, navigator.onLine && !outbox.halted ? t("sending") : t("waiting"));
}

function filesLines(entry, kind, words) {
  const all = entry.evidence.filter((one) => one.media_type.startsWith(kind));
  const got = all.filter((one) => entry.received.includes(one.sha256)).length;
  const rest = all.length - got;
  const active = entry.receipt && navigator.onLine && !outbox.halted && !outbox.stuck(entry);
  return [got ? line("circle-check", "good", words(got), t("received")) : null, rest ? line("cloud-upload", "act", words(rest), active ? t("sending") : t("waiting")) : null];
}

/** What is wrong, in words, and what the person can do. */
function trouble(entry) {
  if (entry.state === "conflict") {
    return h("div.stack.gap-s.mt", null, notice("r", "octagon-alert", t("Another version of this visit was received first. This one stays here; export it if it matters.")), h("button.btn", { type: "button", onclick: download }, icon("download"), t("Export a backup")));
  }
  if (entry.state === "attention") return h("div.stack.gap-s.mt", null, notice("r", "octagon-alert", refusal(entry.fault)), refusalActions(entry));
  if (entry.fault && entry.attempts > 0) {
    return h("div.fl", null, icon("circle-alert", "bad"), h("span.xs.bad", null, t("The connection broke; it goes on where it stopped")), h("button.btn", { type: "button", onclick: () => outbox.retry(entry.visit_id) }, icon("rotate-cw"), t("Try again")));
  }
  return null;
}

function refusal(fault) {
  const texts = (fault?.fields ?? []).map((one) => one.message).filter(Boolean);
  const first = fault?.detail === "gone-from-phone" ? t("A photo is no longer on this phone.") : fault?.detail || t("The server did not take it ({status}).", { status: fault?.status ?? 0 });
  return [h("b", null, t("Not taken; nothing is lost")), h("div", null, first), texts.length ? h("ul.rules", null, texts.slice(0, 12).map((text) => h("li", null, text))) : null];
}

function refusalActions(entry) {
  const correct = async () => {
    if (await outbox.reopen(entry.visit_id)) go(`/check/${entry.visit_id}`);
  };
  const again = h("button.btn.o", { type: "button", onclick: () => outbox.retry(entry.visit_id) }, icon("rotate-cw"), t("Try again"));
  if (entry.receipt) return again;
  return h("div.two2.eq", null, h("button.btn", { type: "button", onclick: correct }, icon("pencil-line"), t("Correct it")), again);
}

export async function receipt({ visit }) {
  if (!(await store.get("outbox", visit))) return gone();
  let main = h("main.ph-main");
  let bar = h("div");
  const draw = async () => {
    const entry = await store.get("outbox", visit);
    if (!entry) return;
    main = swap(main, h("main.ph-main", null, isSignedOut() && outbox.waiting(entry) ? signInAgain([entry]) : verdict(entry), entry.state === "done" ? proof(entry) : card(entry, false)));
    bar = swap(bar, h("div.dock", null, h("a.btn.p.lg", { href: "#/" }, t("To the tasks"))));
  };
  const head = top(t("Receipt"), "", { back: "/" });
  const holder = h("div", null, head, main, bar);
  await draw();
  return { title: t("Receipt"), nodes: [holder], leave: follow(draw) };
}

function verdict(entry) {
  if (entry.state === "done") return state("check-check", "g", t("Sent: everything has been received"), t("The server has the answers and every photo. You may close this page."));
  if (outbox.stuck(entry)) return state("cloud-alert", "w", t("Not taken yet"), t("Nothing is lost. See below what it needs."));
  if (!navigator.onLine) return state("cloud-off", "w", t("Kept on this phone"), t("It is sent by itself once there is a network. Please do not clear the browser's data."));
  if (entry.receipt) return state("cloud-upload", "q", t("Answers received, photos under way"), t("You may go on with the next task; the photos follow by themselves."));
  return state("cloud-upload", "q", t("Being sent"), t("You may go on with the next task."));
}

function proof(entry) {
  const rows = [
    [t("Place"), entry.name],
    [t("Received"), `${day(entry.receipt.received_at)} ${hour(entry.receipt.received_at)}`],
    [t("Items answered"), tn("{n} item", "{n} items", entry.items)],
    [t("Evidence"), [tn("{n} photo", "{n} photos", entry.photos), entry.recordings ? tn("{n} recording", "{n} recordings", entry.recordings) : null].filter(Boolean).join(" · ")],
    [t("Fingerprint"), h("span.mono.xs", null, entry.receipt.body_sha256.slice(0, 16))],
  ];
  return h("section.card", null, h("dl.kvr", { "data-receipt": entry.visit_id }, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd.num", null, value)))));
}
