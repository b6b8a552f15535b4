import { posix } from "node:path";
import type { Archive } from "./archive.ts";
import { childrenOf, xmlTree } from "./xml.ts";

/** How one part of an Office document (ECMA-376 part 2) refers to another. */
export interface Relationship {
  readonly id: string;
  /** The last segment of the type's URI: `image`, `footnotes`, `slide`. */
  readonly type: string;
  /** The other part's name; a URL where it lies outside. */
  readonly target: string;
  readonly isExternal: boolean;
}

function unescaped(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

/** @param part "" for the document itself. */
export async function relationshipsOf(archive: Archive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const root = await xmlTree(archive.stream(posix.join(folder, "_rels", `${posix.basename(part)}.rels`)));
  return childrenOf(root, "rel:Relationship").map(({ attributes }) => {
    const { Id: id = "", Type: type = "", Target: target = "", TargetMode: mode } = attributes;
    const isExternal = mode === "External";
    const inside = posix.join(target.startsWith("/") ? "" : folder, target.replace(/^\/+/, ""));
    const named = archive.has(inside) ? inside : unescaped(inside);
    return { id, type: type.slice(type.lastIndexOf("/") + 1), target: isExternal ? target : named, isExternal };
  });
}

/**
 * The part that holds the document's body.
 *
 * @param usual where it lies by habit, for a file whose relationships are lost.
 * @throws an error where there is none: the file is no such document.
 */
export async function mainPart(archive: Archive, usual: string): Promise<string> {
  const main = (await relationshipsOf(archive, "")).find(({ type }) => type === "officeDocument")?.target ?? "";
  const found = [main, usual].find((part) => archive.has(part));
  if (found === undefined) throw new Error("the main part is missing");
  return found;
}
