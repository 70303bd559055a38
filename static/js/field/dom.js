/** Builds DOM. Text is always text: nothing here ever parses HTML. */
const SVG = "http://www.w3.org/2000/svg";
const SPRITE = document.querySelector('meta[name="icon-sprite"]')?.content ?? "/static/vendor/icons.svg";

/**
 * `h("a.btn.p", {href: "#/", onclick: fn}, "text", node, [more])`. Falsy children and attributes are left out;
 * `true` writes an empty attribute; names that begin with "on" are listeners; `value`, `checked` are properties.
 */
export function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = `${element.className} ${value}`.trim();
    else if (["value", "checked", "files", "open", "indeterminate"].includes(key)) element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** An icon of the sprite. Decoration only: the words stand beside it. */
export function icon(name, tone = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${tone}`.trim());
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** Puts a fresh node in place of an old one; focus, caret and the place under the thumb stay. */
export function swap(old, fresh) {
  const key = old.contains(document.activeElement) ? document.activeElement.dataset?.key : null;
  const selection = key && "selectionStart" in document.activeElement ? document.activeElement.selectionStart : null;
  old.replaceWith(fresh);
  if (!key) return fresh;
  const heir = fresh.querySelector(`[data-key="${CSS.escape(key)}"]`);
  heir?.focus({ preventScroll: true });
  if (heir && selection !== null && heir.type !== "radio" && heir.type !== "checkbox") heir.setSelectionRange?.(selection, selection);
  return fresh;
}

/** Runs `change` and scrolls so that `anchor()` stays where it was on the glass. */
export function steady(anchor, change) {
  const before = anchor()?.getBoundingClientRect().top;
  change();
  const after = anchor()?.getBoundingClientRect().top;
  if (before !== undefined && after !== undefined && before !== after) window.scrollBy({ top: after - before, behavior: "instant" });
}
