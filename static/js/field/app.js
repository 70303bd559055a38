/** Starts the field app: who, which language, which view; then keeps the work and the outbox going. */
import { on, tell } from "./bus.js";
import * as device from "./device.js";
import { h } from "./dom.js";
import { load, t } from "./i18n.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import * as router from "./router.js";
import * as store from "./store.js";
import { dress, refreshLive, setSignedOut, state, top } from "./views/parts.js";
import { today } from "./views/today.js";
import { refresh } from "./work.js";

const root = document.getElementById("field");
let showing = 0;
let current = null;

async function display(view, params) {
  const ticket = (showing += 1);
  let made;
  try {
    made = await view(params);
  } catch (error) {
    console.error(error);
    made = broken(error);
  }
  if (ticket !== showing || !made) return made?.leave?.();
  current?.leave?.();
  current = made;
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  root.replaceChildren(...made.nodes);
  document.title = made.title;
  scrollTo({ top: 0, behavior: "instant" });
  root.querySelector("h1")?.focus({ preventScroll: true });
  made.ready?.();
  root.dataset.ready = router.path();
  return refreshLive();
}

function broken(error) {
  const reload = h("button.btn.p.lg", { type: "button", onclick: () => location.reload() }, t("Load again"));
  return { title: t("Something went wrong"), nodes: [top(t("Something went wrong"), "", { back: "/" }), h("main.ph-main", null, state("triangle-alert", "w", t("Something went wrong"), t("What you filled in is on this phone. ({why})", { why: error.message }), reload))] };
}

/** A view that is fetched when it is first needed; the service worker has them all by then. */
const later = (file, name) => async (params) => (await import(`./views/${file}.js`))[name](params);

function routes() {
  router.route("/", today);
  router.route("/schedule", later("schedule", "schedule"));
  router.route("/outbox", later("outbox", "outboxView"));
  router.route("/me", later("me", "me"));
  router.route("/briefing/:assignment", later("briefing", "briefing"));
  router.route("/start/:assignment", later("start", "start"));
  router.route("/return/:assignment", later("start", "returned"));
  router.route("/visit/:visit/:section?/:item?", later("score", "score"));
  router.route("/call/:visit", later("call", "call"));
  router.route("/check/:visit", later("check", "check"));
  router.route("/receipt/:visit", later("outbox", "receipt"));
}

/** Asks who is signed in. The phone goes on with the last account while nobody answers. */
async function identify() {
  try {
    const who = await protocol.session();
    setSignedOut(false);
    const changed = device.get("account") !== who.account_id;
    device.set("account", who.account_id);
    device.set("build", who.build ?? "unknown");
    return changed;
  } catch (error) {
    if (error instanceof protocol.SignedOut) setSignedOut(true);
    return false;
  }
}

async function boot() {
  document.documentElement.dataset.served = document.documentElement.dataset.theme;
  dress();
  await load(device.choice("locale") ?? document.querySelector('meta[name="field-locale"]')?.content ?? "zh");
  if (!device.get("account")) await identify();
  else identify().then((changed) => changed && location.reload());
  const account = device.get("account");
  if (!account) {
    root.replaceChildren(h("main.ph-main", null, state("cloud-off", "w", t("No answer from the server"), t("The first start needs a network and your sign-in."), h("a.btn.p.lg", { href: "/sign-in?next=/field" }, t("Sign in")))));
    return;
  }
  store.use(account);
  routes();
  on("signed-out", () => setSignedOut(true));
  addEventListener("online", () => identify().then(refresh));
  await router.start(display);
  outbox.start(account);
  tell("jobs", {}, true);
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
boot();
