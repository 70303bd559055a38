// Lists of work: J and K go from row to row ([data-row]); Enter opens what has the focus, as everywhere. Typing is never
// disturbed, and whoever has turned the letter keys off (app.js) gets none here either.

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);

document.addEventListener("keydown", (event) => {
  if (localStorage.getItem("keys") === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step) return;
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  event.preventDefault();
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
});
