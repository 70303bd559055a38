// The review page: what was typed survives going to another item, photos open large, the chosen item is in view.

import "/static/js/lightbox.js";

// Texts of a form with data-keep stay in this tab until the form is sent.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const name = (field) => `review:${form.dataset.keep}:${field.name}`;
  for (const field of form.querySelectorAll("textarea")) {
    const kept = sessionStorage.getItem(name(field));
    if (kept !== null) field.value = kept;
    field.addEventListener("input", () => sessionStorage.setItem(name(field), field.value));
    form.addEventListener("submit", () => sessionStorage.removeItem(name(field)));
  }
}

// A question typed beside the item stands in the dialog of the return, too.
for (const source of document.querySelectorAll("textarea[data-mirror]")) {
  const target = document.querySelector(`#return textarea[name="${CSS.escape(source.dataset.mirror)}"]`);
  const copy = () => {
    if (target && source.value !== source.defaultValue) target.value = source.value;
  };
  copy();
  source.addEventListener("input", copy);
  target?.form.addEventListener("submit", () => sessionStorage.removeItem(`review:${source.form.dataset.keep}:${source.name}`));
}

const chosen = document.querySelector(".ri[aria-current]");
const list = chosen?.closest(".pane");
if (list && list.scrollHeight > list.clientHeight) list.scrollTop = chosen.offsetTop - list.offsetTop - list.clientHeight / 3;
