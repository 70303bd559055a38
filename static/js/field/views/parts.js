/** Pieces that several views share: headers, tab bar, the sync pill, sheets, thumbnails, states. */
import { on } from "../bus.js";
import * as device from "../device.js";
import { h, icon } from "../dom.js";
import { t, tn } from "../i18n.js";
import * as outbox from "../outbox.js";
import * as protocol from "../protocol.js";
import { path } from "../router.js";
import * as store from "../store.js";

let waiting = 0;
let refused = 0;
let signedOut = false;

export function setSignedOut(value) {
  if (signedOut === value) return;
  signedOut = value;
  refreshLive();
}

export const isSignedOut = () => signedOut;

/** Counts what waits and draws every pill, badge and saved line on the page anew. */
export async function refreshLive() {
  if (store.chosen()) {
    const entries = (await outbox.entries()).filter(outbox.waiting);
    waiting = entries.length;
    refused = entries.filter(outbox.stuck).length;
  }
  for (const old of document.querySelectorAll("[data-live]")) old.replaceWith(LIVE[old.dataset.live](old));
}

let scheduled = 0;
const soon = () => {
  scheduled ||= setTimeout(() => {
    scheduled = 0;
    refreshLive();
  }, 60);
};
["outbox", "sending"].forEach((kind) => on(kind, soon));
addEventListener("online", soon);
addEventListener("offline", soon);

/** Whether the network is there, and how much waits; opens the outbox. */
export function pill() {
  const [tone, sign, words] = pillState();
  return h(`a.sync${tone}`, { href: "#/outbox", "data-live": "pill" }, icon(sign), h("span", null, words));
}

function pillState() {
  if (signedOut) return [".bad", "lock", t("Signed out")];
  const count = waiting ? ` · ${tn("{n} waiting", "{n} waiting", waiting)}` : "";
  if (!navigator.onLine) return ["", "cloud-off", t("Offline") + count];
  if (refused) return [".bad", "cloud-alert", tn("{n} needs attention", "{n} need attention", refused)];
  if (outbox.halted === "portal") return ["", "wifi-off", t("Network asks for a sign-in") + count];
  if (waiting) return ["", "cloud-upload", tn("{n} waiting", "{n} waiting", waiting)];
  return [".ok", "wifi", t("Online")];
}

const TABS = [
  ["/", "clipboard-list", "Tasks"],
  ["/schedule", "calendar-days", "My schedule"],
  ["/outbox", "cloud-upload", "Outbox"],
  ["/me", "user-round", "Me"],
];

export function tabbar() {
  const here = path();
  return h(
    "nav.tabbar",
    { "aria-label": t("Main navigation"), "data-live": "tabs" },
    TABS.map(([to, sign, word]) =>
      h("a", { href: `#${to}`, "aria-current": here === to ? "page" : null }, icon(sign), t(word), to === "/outbox" && waiting ? h("span.n", { "aria-label": tn("{n} waiting", "{n} waiting", waiting) }, String(waiting)) : null),
    ),
  );
}

/** The top of a page inside a task: back, title in two lines, one button. */
export function top(title, under, { back, right, segments } = {}) {
  return h(
    "header.ph-top.nav",
    null,
    h("a.ib", { href: `#${back}`, "aria-label": t("Back") }, icon("chevron-left")),
    h("div.ttl", null, h("h1", { tabindex: "-1" }, title), h("div.xs.t3", null, under)),
    right ?? h("span.gap44"),
    segments,
  );
}

/** The top of a tab: a big title and the pill. */
export function hero(title, under) {
  return h("header.ph-top", null, h("div.hero", null, h("div", null, h("h1", { tabindex: "-1" }, title), h("div.s.t3", null, under)), pill()));
}

export const lowkey = () => device.get("lowkey", false);

/** Puts the chosen theme and the low-profile mode on the page. */
export function dress() {
  document.body.classList.toggle("lowkey", lowkey());
  const theme = lowkey() ? "dark" : device.choice("theme");
  document.documentElement.dataset.theme = theme ?? document.documentElement.dataset.served ?? "auto";
}

/** The button that switches the low-profile mode. */
export function lowkeyButton() {
  return h(
    "button.ib",
    {
      type: "button",
      "data-live": "lowkey",
      "aria-label": lowkey() ? t("Leave low-profile mode") : t("Low-profile mode"),
      onclick: () => {
        device.set("lowkey", !lowkey());
        dress();
        dispatchEvent(new Event("lowkey"));
      },
    },
    icon(lowkey() ? "eye" : "eye-off"),
  );
}

/** Where the last change went, and when; red where it could not be kept. */
export function savedLine(draft) {
  const line = h("span", { "data-live": "saved", role: "status" });
  line.draft = draft;
  const at = draft.savedAt();
  if (draft.failed) line.append(icon("circle-alert"), ` ${t("Not saved on this phone. Keep this page open.")}`);
  else if (navigator.onLine) line.append(icon("check"), ` ${t("Saved {time}", { time: at })}`);
  else line.append(icon("cloud-off"), ` ${t("Offline, saved here {time}", { time: at })}`);
  line.className = draft.failed ? "bad" : navigator.onLine ? "good" : "warn";
  return line;
}

const LIVE = { pill, tabs: tabbar, lowkey: lowkeyButton, saved: (old) => savedLine(old.draft) };

/** A sheet from below. `build(close)` gives its content; the dialog closes by Escape, by its buttons, or beside it. */
export function sheet(label, build) {
  const dialog = h("dialog.sheet", { "aria-label": label });
  const close = () => dialog.close();
  dialog.append(...[build(close)].flat(Infinity).filter(Boolean));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const addresses = new Map();

/** A kept photo, small. Photos that only the server still has show a picture sign. */
export function thumb(visitId, sha256, words, mark = null) {
  const box = h("span.thumb", null, mark);
  const show = (address) => box.prepend(h("img", { src: address, alt: words }));
  if (addresses.has(sha256)) show(addresses.get(sha256));
  else {
    store.get("blobs", [visitId, sha256]).then((kept) => {
      if (!kept) return box.prepend(h("span", { role: "img", "aria-label": words }, icon("image")));
      addresses.set(sha256, URL.createObjectURL(kept.blob));
      return show(addresses.get(sha256));
    });
  }
  return box;
}

/** One centred message: icon, heading, text, actions. */
export function state(sign, tone, title, text, ...actions) {
  return h("div.state.phs", null, h("span.ic", { class: tone }, icon(sign)), h("h2", null, title), h("p", null, text), actions);
}

/** What is being waited for is on its way. */
export const loading = () => h("div.state.phs", { role: "status", "data-asking": true }, h("span.ic.q", null, icon("loader-circle", "spin")), h("p", null, t("Loading…")));

export const notice = (tone, sign, ...content) => h(`div.notice.${tone}`, { role: tone === "r" ? "alert" : null }, icon(sign), h("div.grow", null, content));

/** The kind of a touchpoint in words, with its sign. */
export function kindTag(kind) {
  const known = {
    hall: ["store", t("Hall")],
    outlet: ["store", t("Outlet")],
    agent: ["store", t("Payment agent")],
    hotline: ["phone", t("Hotline")],
  };
  const [sign, word] = known[kind] ?? ["smartphone", t("Touchpoint")];
  return h("span.tag.q", null, icon(sign), word);
}

/** Hands the backup to the phone's download folder. */
export const download = () => import("../export.js").then((module) => module.download());

/** The sign-in has ended: what is here stays here. */
export function signInAgain(waiting) {
  const photos = waiting.reduce((sum, entry) => sum + entry.photos, 0);
  return h(
    "section.card.pad.stack",
    null,
    notice("w", "shield-check", h("b", null, t("Everything is still here")), h("div", null, !waiting.length ? t("Please sign in again. What is on this phone is untouched.") : t("Please sign in again. {visits} and {photos} on this phone are untouched and go on afterwards.", { visits: tn("{n} finished visit", "{n} finished visits", waiting.length), photos: tn("{n} photo", "{n} photos", photos) }))),
    h("a.btn.p.lg", { href: `/sign-in?next=${encodeURIComponent(`/field${location.hash}`)}` }, t("Sign in again")),
    h("button.btn.lg", { type: "button", onclick: download }, t("Export a backup first")),
  );
}

/** What was asked for is not on this phone. */
export function gone() {
  return {
    title: t("Not on this phone"),
    nodes: [
      top(t("Not on this phone"), "", { back: "/" }),
      h("main.ph-main", null, state("package-open", "q", t("Not on this phone"), t("It may have been finished, or it needs a network to load."), h("a.btn.lg", { href: "#/" }, t("To the tasks")))),
    ],
  };
}

/** A failed request in words. */
export function why(error) {
  if (error instanceof protocol.SignedOut) return t("Your sign-in has ended. Sign in again; nothing is lost.");
  if (error instanceof protocol.Problem) return error.message;
  return t("No answer from the server. Try again when there is a network.");
}
