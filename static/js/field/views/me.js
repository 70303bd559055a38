/** This phone: language, brightness, low-profile mode, what it keeps. */
import * as device from "../device.js";
import { h } from "../dom.js";
import { load, locale, megabytes, t } from "../i18n.js";
import * as protocol from "../protocol.js";
import { again } from "../router.js";
import * as store from "../store.js";
import { download, dress, hero, lowkey, sheet, tabbar } from "./parts.js";

export async function me() {
  const weight = store.chosen() ? await store.weight() : 0;
  return {
    title: t("Me"),
    nodes: [
      hero(t("Me"), t("This phone")),
      h(
        "main.ph-main",
        null,
        choice(t("Language"), "locale", [["zh", "\u4e2d\u6587"], ["en", "English"]], locale, async (value) => {
          device.choose("locale", value);
          await load(value);
          again();
        }),
        choice(t("Brightness"), "theme", [["auto", t("As the system")], ["light", t("Light")], ["dark", t("Dark")]], device.choice("theme") ?? "auto", (value) => {
          device.choose("theme", value);
          dress();
        }),
        h("section.card", null, toggle(t("Low-profile mode"), t("Dark, neutral words, no thumbnails"), lowkey(), (on) => (device.set("lowkey", on), dress(), again()))),
        h("section.card", null, h("div.tg", null, h("span", null, t("Kept on this phone"), " ", h("span.t3.s", null, megabytes(weight))), h("button.btn.ghost.act", { type: "button", onclick: download }, t("Export a backup")))),
        h("a.btn.lg", { href: "/account" }, t("My account")),
        h("button.btn.lg.d", { type: "button", onclick: leave }, t("Sign out")),
      ),
      tabbar(),
    ],
  };
}

/** Signing out never clears anything; with unsent work it asks first. */
async function leave() {
  const unsent = store.chosen() ? [...(await store.all("drafts")), ...(await store.all("outbox")).filter((entry) => entry.state === "queued" || entry.state === "media")] : [];
  if (!unsent.length) return signOut();
  return sheet(t("Unfinished or unsent work is on this phone"), (close) => [
    h("h2", null, t("Unfinished or unsent work is on this phone")),
    h("p.mt", null, t("It stays here and goes on after your next sign-in. You can send it or export a backup first.")),
    h("a.btn.lg.mt", { href: "#/outbox", onclick: close }, t("See what is unsent")),
    h("button.btn.lg.mt", { type: "button", onclick: download }, t("Export a backup")),
    h("div.two2.eq.mt", null, h("button.btn.lg", { type: "button", onclick: close }, t("Stay")), h("button.btn.lg.d", { type: "button", onclick: signOut }, t("Sign out now"))),
  ]);
}

async function signOut() {
  await protocol.signOut().catch(() => {});
  location.assign("/sign-in?next=/field");
}

function choice(words, name, options, current, choose) {
  return h("section.card.pad", { role: "radiogroup", "aria-label": words }, h("h2.hd", null, words), options.map(([value, text]) => h("label.opt", null, h("input", { type: "radio", name, value, checked: current === value, onchange: () => choose(value) }), h("span", null, text))));
}

function toggle(words, hint, on, change) {
  return h("label.tg", null, h("span", null, words, h("br"), h("span.s.t3", null, hint)), h("input.sw", { type: "checkbox", role: "switch", checked: on, onchange: (event) => change(event.target.checked) }));
}
