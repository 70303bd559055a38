// Checks a file against the kept hashes without sending it anywhere: it is read and hashed here, in the browser.

const form = document.querySelector("[data-verify]");
const input = form?.querySelector("input[type=file]");
const known = new Set((form?.dataset.verify ?? "").split(" ").filter(Boolean));

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

function show(name) {
  for (const one of document.querySelectorAll("[data-verdict]")) one.hidden = one.dataset.verdict !== name;
}

async function check() {
  const file = input.files[0];
  if (!file) return show("");
  show("reading");
  try {
    const sum = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const line = document.querySelector("#file-sum");
    line.textContent = sum;
    line.hidden = false;
    show(known.has(sum) ? (form.dataset.superseded ? "superseded" : "genuine") : "unknown");
  } catch {
    show("unreadable");
  }
}

if (input && crypto.subtle) {
  for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
  input.addEventListener("change", check);
}
