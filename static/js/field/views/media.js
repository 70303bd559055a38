/** Inputs for photos and recordings, and what happens to the file that comes out of them. */
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { Refused, photo, recording } from "../photo.js";
import { sheet } from "./parts.js";

const refusals = () => ({
  "not-an-image": t("This file is not a photo that this phone can read."),
  "not-live": t("This item takes only a photo made here and now, not one from the album."),
  "not-audio": t("This file is not a recording."),
  "too-large": t("The file is too large."),
});

function explain(error) {
  const text = error instanceof Refused ? refusals()[error.reason] : t("The photo could not be kept: {why}", { why: error.message });
  sheet(text, (close) => [h("h2", { role: "alert" }, t("Not kept")), h("p.mt", null, text), h("button.btn.lg.mt", { type: "button", onclick: close }, t("Close"))]);
}

async function take(context, item, event, source) {
  const input = event.target;
  const file = input.files[0];
  if (!file) return;
  const label = input.closest("label");
  label?.setAttribute("aria-busy", "true");
  try {
    await context.draft.attach(item?.id ?? null, await photo(file, source, item?.evidence.live_camera ?? false));
  } catch (error) {
    explain(error);
  }
  input.value = "";
  label?.removeAttribute("aria-busy");
  context.redraw(item?.id);
}

/** Camera, and the album where the item allows it. */
export function photoInputs(context, item) {
  const camera = h("label.thumb.add", null, h("input", { type: "file", accept: "image/*", capture: "environment", "data-key": `camera-${item.id}`, "data-source": "camera", onchange: (event) => take(context, item, event, "camera") }), h("span", null, icon("camera"), t("Camera")));
  if (item.evidence.live_camera) return [camera];
  return [camera, h("label.thumb.add", null, h("input", { type: "file", accept: "image/*", "data-key": `gallery-${item.id}`, "data-source": "gallery", onchange: (event) => take(context, item, event, "gallery") }), h("span", null, icon("image-plus"), t("Album")))];
}

/** The camera key of the dock; the photo goes to the item under the thumb. */
export function cameraKey(context) {
  const go = (event) => take(context, context.current(), event, "camera");
  return h("label.k", null, icon("camera"), h("span", null, t("Camera")), h("input", { type: "file", accept: "image/*", capture: "environment", "data-key": "dock-camera", onchange: go }));
}

/** A recording of the phone's own recorder, chosen as a file. */
export function recordingInput(context, item = null) {
  const choose = async (event) => {
    const input = event.target;
    try {
      if (input.files[0]) {
        await context.draft.attach(item?.id ?? null, await recording(input.files[0]));
        await context.draft.change((record) => {
          record.consents.audio = true;
        });
      }
    } catch (error) {
      explain(error);
    }
    input.value = "";
    context.redraw(item?.id);
  };
  return h("label.btn.filebtn", null, t("Choose a file"), h("input", { type: "file", accept: "audio/*,.m4a,.mp3,.amr,.aac,.wav,.ogg,.3gp", "aria-label": t("Choose a recording"), "data-key": `recording-${item?.id ?? "call"}`, onchange: choose }));
}
