// Fills static/vendor and reports/fonts from node_modules. Run by `npm run vendor`, after `npm ci`.
// Nothing is fetched and nothing is guessed: a missing file, icon or export stops with a message that names it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const STATIC = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(STATIC);
const MODULES = join(ROOT, "node_modules");
const FINAL = join(STATIC, "vendor");
const VENDOR = `${FINAL}.new`; // swapped in at the end: a failed run leaves the last good files alone
const FONTS = join(ROOT, "reports", "fonts");

const COPIED = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "photoswipe/dist/photoswipe.esm.min.js": "photoswipe.esm.min.js",
  "photoswipe/dist/photoswipe-lightbox.esm.min.js": "photoswipe-lightbox.esm.min.js",
  "photoswipe/dist/photoswipe.css": "photoswipe.css",
};
const WEIGHTS = { "400Regular": "400Regular", "700Bold": "700Bold" };
const FAMILIES = { "noto-sans-sc": "NotoSansSC", "noto-serif-sc": "NotoSerifSC" };

class Missing extends Error {}

function source(path) {
  const full = join(MODULES, path);
  if (!existsSync(full)) throw new Missing(`node_modules/${path} is missing. Run \`npm ci\` first.`);
  return full;
}

const read = (path) => readFileSync(source(path), "utf8");
const version = (name) => JSON.parse(read(`${name}/package.json`)).version;

/** The library's minified build speaks CommonJS: three lines make one ES module of it. */
function asModule(path, exported) {
  const body = read(path).replace(/\/\/# sourceMappingURL=.*\s*$/, "");
  return `const module = { exports: {} }, exports = module.exports;\n${body}\n${exported}\n`;
}

function copyScripts() {
  for (const [from, to] of Object.entries(COPIED)) copyFileSync(source(from), join(VENDOR, to));
  writeFileSync(
    join(VENDOR, "idb.js"),
    `/* idb ${version("idb")}, ISC licence, Jake Archibald */\n` +
      asModule("idb/build/umd.js", "export const { openDB, deleteDB, wrap, unwrap } = exports;"),
  );
  writeFileSync(
    join(VENDOR, "compressor.js"),
    asModule("compressorjs/dist/compressor.min.js", "export default module.exports;"),
  );
}

/** The drawing inside one Lucide file, without its frame: colour and stroke come from the style sheet. */
function symbol(name) {
  const path = `lucide-static/icons/${name}.svg`;
  if (!existsSync(join(MODULES, path))) throw new Missing(`static/icons.txt asks for "${name}", which Lucide does not have.`);
  const drawing = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(read(path));
  if (!drawing) throw new Missing(`node_modules/${path} is not an SVG file.`);
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawing[1].replace(/\s*\n\s*/g, "")}</symbol>`;
}

function buildSprite() {
  const names = readFileSync(join(STATIC, "icons.txt"), "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length) throw new Missing(`static/icons.txt names ${twice.join(", ")} twice.`);
  const licence = `<!-- Lucide ${version("lucide-static")}, ISC licence -->`;
  const body = names.map(symbol).join("\n");
  writeFileSync(join(VENDOR, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${licence}\n${body}\n</svg>\n`);
  return names.length;
}

function copyFonts() {
  mkdirSync(FONTS, { recursive: true });
  for (const [family, stem] of Object.entries(FAMILIES)) {
    for (const [folder, weight] of Object.entries(WEIGHTS)) {
      const file = `${stem}_${weight}.ttf`;
      copyFileSync(source(`@expo-google-fonts/${family}/${folder}/${file}`), join(FONTS, file));
    }
    copyFileSync(source(`@expo-google-fonts/${family}/LICENSE_FONT`), join(FONTS, `${stem}-LICENCE.txt`));
  }
}

try {
  rmSync(VENDOR, { recursive: true, force: true });
  mkdirSync(VENDOR, { recursive: true });
  copyScripts();
  const icons = buildSprite();
  copyFonts();
  rmSync(FINAL, { recursive: true, force: true });
  renameSync(VENDOR, FINAL);
  console.log(`static/vendor: ${Object.keys(COPIED).length + 3} files, ${icons} icons; reports/fonts: 4 fonts`);
} catch (fault) {
  rmSync(VENDOR, { recursive: true, force: true });
  if (!(fault instanceof Missing)) throw fault;
  console.error(`vendor: ${fault.message}`);
  process.exitCode = 1;
}
