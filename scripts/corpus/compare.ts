import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { IsthmusError } from "../../src/core/errors.ts";
import type { ParserRegistry } from "../../src/core/ports.ts";
import { letterRecall, wordRecall, wordsOf } from "./recall.ts";
import type { ReferenceReader } from "./references.ts";

export interface Compared {
  readonly file: string;
  readonly extension: string;
  readonly bytes: number;
  /** Words that the reference finds. */
  readonly words: number;
  /** Of these, the part that our reader gives too. */
  readonly recall: number;
  /** The same of its letters, wherever words end. */
  readonly letters: number;
  readonly milliseconds: number;
  /** Why the document lacks something, as its state in an index would tell it: codes and places; "" for none. */
  readonly told: string;
}

interface Ours {
  readonly text: string;
  readonly told: readonly string[];
}

async function read(registry: ParserRegistry, file: string, content: Uint8Array): Promise<Ours> {
  const texts: string[] = [];
  const told: string[] = [];
  try {
    const uri = pathToFileURL(file).href;
    const ref = { uri, version: "1", size: content.length, updatedAt: "2026-01-01T00:00:00.000Z" };
    const selected = registry.select(ref, content.subarray(0, 4096));
    if ("skip" in selected) throw selected.skip;
    const bytes = (async function* () {
      yield content;
    })();
    for await (const parsed of selected.parser.parse({ uri, contentType: selected.contentType, bytes })) {
      if (parsed.kind === "document") texts.push(parsed.title, parsed.text);
      else told.push(`${parsed.code} (${parsed.id})`);
    }
  } catch (error) {
    told.push(error instanceof IsthmusError ? error.code : `CRASH ${error}`);
  }
  return { text: texts.join("\n"), told };
}

/** Reads one file with our reader and with the reference; undefined where that cannot read it, or finds fewer words than `least`. */
export async function compare(
  registry: ParserRegistry,
  reference: ReferenceReader,
  file: string,
  least: number,
): Promise<Compared | undefined> {
  const expected = await reference.read(file);
  if (expected === undefined) return undefined;
  const words = wordsOf(expected);
  if (words.length < least) return undefined;
  const content = await readFile(file);
  const began = performance.now();
  const { text, told } = await read(registry, file, content);
  const milliseconds = performance.now() - began;
  const found = wordsOf(text);
  return {
    file,
    extension: extensionOf(file),
    bytes: content.length,
    words: words.length,
    recall: wordRecall(words, found),
    letters: letterRecall(words, found),
    milliseconds,
    told: told.join("; "),
  };
}

/** Lower case, without the dot; "" for a name without one. */
export function extensionOf(file: string): string {
  return /\.([^.]+)$/.exec(basename(file))?.[1]?.toLowerCase() ?? "";
}
