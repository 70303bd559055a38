// Draws file fields in the page's language: the browser's own button speaks the browser's. The native field stays where it is,
// unseen, so that keyboard, drag and drop and forms work as always; without this script it is simply seen.

/** Shows the drawn button of every file field in `root`, and in it the names of what was chosen. */
export function dressFiles(root = document) {
  for (const box of root.querySelectorAll(".filepick:not(.on)")) {
    const input = box.querySelector("input");
    const name = box.querySelector(".name");
    const none = name.textContent;
    const show = () => {
      name.textContent = [...input.files].map((file) => file.name).join(", ") || none;
    };
    box.classList.add("on");
    input.addEventListener("change", show);
    input.form?.addEventListener("reset", () => setTimeout(show));
    show();
  }
}

dressFiles();
