import { cleanLine } from "./clean.ts";

/** What becomes of an entry of an archive by its name alone. */
export type EntryPlace =
  | { readonly kind: "place"; readonly path: string }
  /** A folder, or what is left out of folders too: hidden files, packages of Node, settings of the Finder. */
  | { readonly kind: "leftOut" }
  | { readonly kind: "refused"; readonly path: string; readonly reason: string };

const longestPath = 1000;

/**
 * The path of an entry inside its archive. Nothing is ever written under it; but a name that leads out of the archive is
 * made to deceive, and is refused.
 */
export function entryPlace(name: string): EntryPlace {
  const path = name.replace(/\\/g, "/").replace(/^(?:\.\/+)+/, "");
  const shown = cleanLine(path);
  const refused = (reason: string): EntryPlace => ({ kind: "refused", path: shown, reason });
  if (path.length > longestPath) return refused(`Its name is over ${longestPath} characters long.`);
  if (path.includes("\0")) return refused("Its name holds a NUL character.");
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (path.startsWith("/") || /^[A-Za-z]:\//.test(path) || segments.includes("..")) {
    return refused("Its name leads out of the archive: it was not read.");
  }
  const isHidden = segments.some(
    (segment) => segment.startsWith(".") || segment === "node_modules" || segment === "__MACOSX",
  );
  if (segments.length === 0 || isHidden || path.endsWith("/")) return { kind: "leftOut" };
  return { kind: "place", path: segments.map(cleanLine).join("/") };
}
