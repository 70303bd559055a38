// A link to a photo opens it large on this page.

for (const link of document.querySelectorAll("a[data-lightbox]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const image = link.querySelector("img");
    const { default: PhotoSwipe } = await import("/static/vendor/photoswipe.esm.min.js");
    const item = { src: link.href, width: image.naturalWidth, height: image.naturalHeight, alt: image.alt };
    new PhotoSwipe({ dataSource: [item], index: 0 }).init();
  });
}
