// The desktop pages work without this file. It adds: dialogs, the password eye, copy buttons, focus on the error summary,
// keyboard short cuts, the loading bar and the offline notice. No state, no eval, no inline handlers.

import { dressFiles } from "./filepick.js";

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) act(found, event);
  });

// Dialogs: <button data-dialog-open="id">, <button data-dialog-close>, a press on the backdrop.
// Browsers that know command/commandfor do this themselves; doing it twice changes nothing.
on("click", "[data-dialog-open]", (button) => {
  const dialog = document.getElementById(button.dataset.dialogOpen);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
});
on("click", "[data-dialog-close]", (button) => button.closest("dialog")?.close());
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});

on("click", "[data-back]", () => history.back());
on("click", "[data-print]", () => window.print());

on("click", "[data-copy]", async (button) => {
  const text = document.querySelector(button.dataset.copy)?.textContent ?? "";
  await navigator.clipboard.writeText(text.trim());
  button.classList.add("good");
});

on("click", "[data-reveal]", (button) => {
  const field = document.getElementById(button.dataset.reveal);
  if (!(field instanceof HTMLInputElement)) return;
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});

// <select data-submit> sends its form on change; the form keeps its button for pages without script.
on("change", "[data-submit]", (control) => control.form?.requestSubmit());

// Tick-all: <input type=checkbox data-all="name">.
on("change", "[data-all]", (box) => {
  for (const other of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.dataset.all)}"]`)) other.checked = box.checked;
});

// One letter presses the control with data-shortcut, unless somebody is typing, a dialog is open, or the person has turned
// the keys off with [data-shortcuts] (WCAG 2.1.4).
const keys = {
  get off() {
    return localStorage.getItem("keys") === "off";
  },
  turn() {
    localStorage.setItem("keys", this.off ? "on" : "off");
  },
};
const showKeys = () => {
  for (const button of document.querySelectorAll("[data-shortcuts]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(!keys.off));
  }
};
on("click", "[data-shortcuts]", () => {
  keys.turn();
  showKeys();
});
document.addEventListener("keydown", (event) => {
  if (keys.off) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key.startsWith("Arrow") && event.target instanceof Element && event.target.closest("input")) return; // they choose among answers
  const wanted = document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!(wanted instanceof HTMLElement)) return;
  event.preventDefault();
  if (wanted instanceof HTMLInputElement || wanted instanceof HTMLTextAreaElement) wanted.focus();
  else wanted.click();
});

// What only works with a script is hidden until there is one.
function reveal(root) {
  for (const control of root.querySelectorAll("[data-copy][hidden], [data-back][hidden], [data-print][hidden], [data-reveal][hidden]")) control.hidden = false;
  for (const dialog of root.querySelectorAll("dialog[data-opened]:not([open])")) dialog.showModal();
  root.querySelector("[data-focus]")?.focus();
  dressFiles(root);
  showKeys();
}

// htmx: a bar while a request runs, a word for readers when it fails, the same graces for swapped parts.
let running = 0;
const loading = (step) => {
  running = Math.max(0, running + step);
  document.documentElement.classList.toggle("loading", running > 0);
};
document.addEventListener("htmx:before:request", () => loading(1));
document.addEventListener("htmx:finally:request", () => loading(-1));
document.addEventListener("htmx:after:swap", () => reveal(document));

const network = () => {
  for (const bar of document.querySelectorAll("[data-offline]")) bar.hidden = navigator.onLine;
};
addEventListener("online", network);
addEventListener("offline", network);

reveal(document);
network();
