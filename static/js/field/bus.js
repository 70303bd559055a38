/** Tells views, and the other tabs of this app, that something changed. */
const local = new EventTarget();
const others = "BroadcastChannel" in window ? new BroadcastChannel("mingcha-field") : null;

others?.addEventListener("message", ({ data }) => {
  local.dispatchEvent(new CustomEvent(data.kind, { detail: { ...data.detail, elsewhere: true } }));
});

/** Announces `kind` here and, unless `quiet`, in every other tab. */
export function tell(kind, detail = {}, quiet = false) {
  local.dispatchEvent(new CustomEvent(kind, { detail }));
  if (!quiet) others?.postMessage({ kind, detail });
}

/** Listens until the returned function is called. */
export function on(kind, listener) {
  const handler = (event) => listener(event.detail);
  local.addEventListener(kind, handler);
  return () => local.removeEventListener(kind, handler);
}
