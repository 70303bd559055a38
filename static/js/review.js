// Keyboard of the review page: J and K go through the items, A opens the approval. Photos open large in a dialog.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "a") document.querySelector('[data-dialog-open="approve"]')?.click();
  else document.querySelector(`a[data-key="${CSS.escape(key)}"]`)?.click();
});

document.querySelector(".ri[aria-current]")?.scrollIntoView({ block: "nearest" });

const photos = [...document.querySelectorAll("a[data-lightbox]")];
if (photos.length) {
  photos.forEach((link) =>
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const { default: PhotoSwipe } = await import("/static/vendor/photoswipe.esm.min.js");
      const image = link.querySelector("img");
      const item = { src: link.href, width: image.naturalWidth, height: image.naturalHeight, alt: image.alt };
      new PhotoSwipe({ dataSource: [item], index: 0 }).init();
    }),
  );
}
