// Boxes over a photo: drawn with the pointer, moved and sized by keys. What counts stands in the lines of the form, in
// percent; a browser without this script fills them in by hand.

const SVG = "http://www.w3.org/2000/svg";
const SIDES = ["left", "top", "width", "height"];
const SMALLEST = 1;
const STEP = 1;

const stage = document.querySelector("[data-stage]");
const form = document.querySelector("[data-boxes]");
const list = form.querySelector("[data-lines]");
const blank = form.querySelector("[data-blank]");
const sheet = stage.querySelector("svg");
const drawn = new Map(); // line of the form → its rectangle

const inputs = (line) => SIDES.map((side) => line.querySelector(`[name=${side}]`));
const hold = (value, most) => Math.min(Math.max(value, 0), most);
const round = (value) => Math.round(value * 100) / 100;

function read(line) {
  const values = inputs(line).map((input) => (input.value === "" ? NaN : Number(input.value)));
  return values.every(Number.isFinite) && values[2] > 0 && values[3] > 0 ? values : null;
}

function write(line, [left, top, width, height]) {
  const wide = hold(Math.max(width, SMALLEST), 100), high = hold(Math.max(height, SMALLEST), 100);
  const box = [hold(left, 100 - wide), hold(top, 100 - high), wide, high];
  inputs(line).forEach((input, at) => (input.value = round(box[at])));
  draw(line);
}

function draw(line) {
  const box = read(line);
  let shape = drawn.get(line);
  if (!box) {
    shape?.remove();
    drawn.delete(line);
    return;
  }
  if (!shape) {
    shape = sheet.appendChild(document.createElementNS(SVG, "rect"));
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.addEventListener("keydown", (event) => steer(event, line));
    drawn.set(line, shape);
  }
  ["x", "y", "width", "height"].forEach((name, at) => shape.setAttribute(name, box[at]));
}

function number() {
  [...list.children].forEach((line, at) => {
    line.querySelector("[data-number]").textContent = at + 1;
    drawn.get(line)?.setAttribute("aria-label", stage.dataset.label.replace("#", at + 1));
  });
}

function prepare(line) {
  const remove = line.querySelector("[data-remove]");
  remove.hidden = false;
  remove.addEventListener("click", () => drop(line));
  line.addEventListener("input", () => {
    draw(line);
    number();
  });
  draw(line);
}

function add(box) {
  let line = [...list.children].find((one) => inputs(one).every((input) => input.value === ""));
  if (!line) {
    line = list.appendChild(blank.content.firstElementChild.cloneNode(true));
    prepare(line);
  }
  write(line, box);
  number();
  return line;
}

function drop(line) {
  const next = line.nextElementSibling ?? line.previousElementSibling;
  drawn.get(line)?.remove();
  drawn.delete(line);
  line.remove();
  number();
  (drawn.get(next) ?? form.querySelector("[data-add]")).focus();
}

function steer(event, line) {
  const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    drop(line);
    return;
  }
  const way = ways[event.key];
  if (!way) return;
  event.preventDefault();
  event.stopPropagation(); // the arrow keys of the page go to another photo
  const [left, top, width, height] = read(line);
  write(line, event.shiftKey ? [left, top, width + way[0], height + way[1]] : [left + way[0], top + way[1], width, height]);
}

function place(event) {
  const frame = sheet.getBoundingClientRect();
  const part = (at, from, size) => hold(((at - from) / size) * 100, 100);
  return [part(event.clientX, frame.left, frame.width), part(event.clientY, frame.top, frame.height)];
}

sheet.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  sheet.setPointerCapture(event.pointerId);
  const [x, y] = place(event);
  const held = [...drawn].find(([, shape]) => shape === event.target)?.[0];
  const from = held ? read(held) : null;
  let line = held;
  const move = (now) => {
    const [at, down] = place(now);
    if (held) {
      write(held, [from[0] + at - x, from[1] + down - y, from[2], from[3]]);
      return;
    }
    const box = [Math.min(x, at), Math.min(y, down), Math.abs(at - x), Math.abs(down - y)];
    if (line) write(line, box);
    else if (box[2] >= SMALLEST && box[3] >= SMALLEST) line = add(box);
  };
  const end = () => {
    sheet.removeEventListener("pointermove", move);
    if (line) drawn.get(line)?.focus();
  };
  sheet.addEventListener("pointermove", move);
  sheet.addEventListener("pointerup", end, { once: true });
  sheet.addEventListener("pointercancel", end, { once: true });
});

sheet.replaceChildren();
stage.classList.add("drawing");
for (const line of list.children) prepare(line);
number();
const more = form.querySelector("[data-add]");
more.hidden = false;
more.addEventListener("click", () => drawn.get(add([35, 35, 20, 20])).focus());
