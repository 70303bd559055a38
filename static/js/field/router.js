/** Addresses after the #: the back button works, and a reload comes back to the same item. */
const routes = [];
let show = () => {};

/** `path` like "/visit/:visit/:section?"; the parts are handed to `view` by name. */
export function route(path, view) {
  const names = [];
  const pattern = path.replace(/\/:(\w+)(\?)?/g, (_, name, optional) => {
    names.push(name);
    return optional ? "(?:/([^/]+))?" : "/([^/]+)";
  });
  routes.push({ pattern: new RegExp(`^${pattern}$`), names, view });
}

export const path = () => decodeURI(location.hash.slice(1)) || "/";

function match(address) {
  for (const { pattern, names, view } of routes) {
    const found = pattern.exec(address);
    if (found) return { view, params: Object.fromEntries(names.map((name, at) => [name, found[at + 1]])) };
  }
  return match("/");
}

/** Starts showing; `display(view, params)` is called for each address. */
export function start(display) {
  show = () => {
    const { view, params } = match(path());
    return display(view, params);
  };
  addEventListener("hashchange", show);
  return show();
}

export const again = () => show();

export function go(address) {
  if (path() === address) show();
  else location.hash = address;
}

/** Moves to another address without a new step for the back button. */
export function instead(address) {
  history.replaceState(null, "", `#${address}`);
  show();
}

/** Notes where the person is, without showing anything anew. */
export function note(address) {
  if (path() !== address) history.replaceState(null, "", `#${address}`);
}

/** Back where there is a step of ours to go back to, else to `otherwise`. */
export function back(otherwise) {
  go(otherwise);
}
