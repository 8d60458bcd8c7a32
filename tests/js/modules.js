// The page's own files: who imports whom, for the tests that keep the list of preloaded modules and the layout right.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ASSETS = join(dirname(fileURLToPath(import.meta.url)), "../../dashboard-assets");

/** Every file below the assets, by path. */
export const files = () => readdirSync(ASSETS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(ASSETS, join(entry.parentPath ?? entry.path, entry.name))).sort();

export const text = (path) => readFileSync(join(ASSETS, path), "utf8");

/** Paths that a module imports when it is loaded. */
export const imports = (path) => [...text(path).matchAll(/^import .*? from "(\.[^"]+)";$/gms)].map(([, to]) => normalize(join(dirname(path), to)));

/** A module and everything it needs, nearest first. */
export function closure(start) {
  const found = [start];
  for (const path of found) for (const next of imports(path)) if (!found.includes(next)) found.push(next);
  return found;
}
