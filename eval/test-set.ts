import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readLines } from "../src/adapters/beir/lines.ts";
import { IsthmusError } from "../src/core/errors.ts";

/** Sets that ship with the project: questions to its documentation, and identifiers, codes, names, numbers and versions. */
export const docsSet = join(import.meta.dirname, "docs-set");
export const exactSet = join(import.meta.dirname, "exact-set");
/** The same kinds, asked for in another way of writing than the text has. */
export const formsSet = join(import.meta.dirname, "forms-set");
export const askedSet = join(import.meta.dirname, "asked-set");

const files = ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"];
/** Of a SHA-256, in hexadecimal: 48 bits tell a handful of sets apart. */
const digits = 12;

/** A folder in BEIR layout, and what the baseline knows it by. */
export interface TestSet {
  readonly folder: string;
  /** That of its folder. */
  readonly name: string;
  /** `name@digest`: another corpus of the same name is another set. */
  readonly key: string;
}

/**
 * Looks at a set's three files. Its digest is over their lines as the reader takes them, so that neither line ends nor another file
 * in the folder makes another set.
 *
 * @throws `source_not_found` naming the folder or file, `source_unreadable`.
 */
export async function openTestSet(folder: string): Promise<TestSet> {
  const path = resolve(folder);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new IsthmusError(
      "source_not_found",
      `There is no folder ${path}. Name one in BEIR layout, with ${files.join(", ")}.`,
    );
  }
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\n`);
    for await (const { text } of readLines(join(path, file))) hash.update(`${text}\n`);
  }
  const name = basename(path);
  return { folder: path, name, key: `${name}@${hash.digest("hex").slice(0, digits)}` };
}
