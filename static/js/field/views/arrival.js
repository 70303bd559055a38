/** Arriving and leaving: one instant each, with the position where the person agreed to it. */
import { instant } from "../device.js";
import { h, icon } from "../dom.js";
import { hour, t } from "../i18n.js";
import * as timers from "../timers.js";
import { sheet } from "./parts.js";

const WAIT = 8_000;

function position() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    const options = { enableHighAccuracy: true, timeout: WAIT, maximumAge: 0 };
    return navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), () => resolve(null), options);
  });
}

/** Asks once, apart from everything else, whether the position may be taken. Refusing changes nothing for the person. */
function consent(context) {
  if (context.draft.record.consents.position !== null) return Promise.resolve(context.draft.record.consents.position);
  return new Promise((resolve) => {
    const answer = (close, value) => {
      context.draft.change((record) => {
        record.consents.position = value;
      });
      close();
      resolve(value);
    };
    const dialog = sheet(t("Take your position?"), (close) => [
      h("h2", null, t("Take your position?")),
      h("p.mt", null, t("Only now and when you leave, never in between. It helps the reviewer to see that you were here. If you say no, nothing changes for you.")),
      h("div.two2.eq.mt", null, h("button.btn.lg", { type: "button", onclick: () => answer(close, false) }, t("No, without")), h("button.btn.p.lg", { type: "button", onclick: () => answer(close, true) }, t("Yes, take it"))),
    ]);
    dialog.addEventListener("close", () => resolve(false), { once: true });
  });
}

/** Marks the arrival or the departure. */
export async function checkMark(context, mark) {
  const at = instant();
  context.draft.change((record) => {
    record.timeline = timers.mark(record.timeline, mark);
  });
  context.redraw();
  if (!(await consent(context))) return context.redraw();
  const coords = await position();
  if (coords) {
    context.draft.change((record) => {
      record[mark] = { at, lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy), datum: "WGS-84" };
    });
  }
  return context.redraw();
}

/** The card with the button, or with what it recorded. */
export function arrivalCard(context, mark) {
  const entry = timers.find(context.draft.record.timeline, mark);
  const arriving = mark === timers.IN;
  if (!entry) {
    return h("button.btn.lg.o", { type: "button", "data-key": mark, onclick: () => checkMark(context, mark) }, icon(arriving ? "log-in" : "log-out"), arriving ? t("I have arrived") : t("I am leaving"));
  }
  return h(
    "section.card.folded",
    { "data-mark": mark },
    h("span.good", null, icon(arriving ? "log-in" : "log-out")),
    h("span.q", null, arriving ? t("Arrived {time}", { time: hour(entry.at) }) : t("Left {time}", { time: hour(entry.at) }), entry.added_later ? ` (${t("added later")})` : ""),
    context.draft.record[mark] ? h("span.tag.g", null, icon("map-pin"), t("Position taken")) : h("span.tag", null, t("No position")),
  );
}
