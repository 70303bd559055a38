/**
 * Keeps the field app able to start without a network. The server puts two lines in front of this file:
 * `const BUILD = "…";` (changes with every file of the app) and `const FILES = [...];` (what the app needs, the shell first).
 *
 * Only those files are kept. Answers of the API are never kept here: the app stores jobs and checklists itself. Other
 * pages pass by untouched. A new build waits until the app is opened again: nobody's form is reloaded under their thumb.
 */
const CACHE = `field-${BUILD}`;
const SHELL = "/field";
const KNOWN = new Set(FILES.map((file) => new URL(file, location.origin).pathname));

/** A captive portal answers with a friendly page: only a plain answer of ours, of the right kind, is kept. */
async function fetchGood(file) {
  const response = await fetch(new Request(file, { cache: "no-cache", redirect: "error", credentials: "same-origin" }));
  const type = response.headers.get("Content-Type") ?? "";
  const page = new URL(file, location.origin).pathname === SHELL;
  if (!response.ok || (type.includes("text/html") && !page)) throw new Error(`${file}: ${response.status}`);
  if (page && response.headers.get("X-Field-Shell") !== "1") throw new Error("not our page");
  return response;
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => Promise.all(FILES.map(async (file) => cache.put(file, await fetchGood(file))))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("field-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

/** Other pages share some of these files; they ask the server, so that none of them meets a style of yesterday. */
async function forApp(event) {
  const client = await self.clients.get(event.clientId);
  const other = client && !new URL(client.url).pathname.startsWith(SHELL);
  return other ? fetch(event.request) : kept(event.request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const shell = request.mode === "navigate" && address.pathname.replace(/\/$/, "") === SHELL;
  if (shell) event.respondWith(kept(new Request(SHELL)));
  else if (request.mode !== "navigate" && KNOWN.has(address.pathname)) event.respondWith(forApp(event));
});
