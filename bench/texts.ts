import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readBeirCorpus } from "../src/adapters/beir/read.ts";
import { createSeeded } from "../test/support/seeded.ts";

const root = join(import.meta.dirname, "..");

export interface WordBounds {
  readonly least: number;
  readonly most: number;
}

/** Words of a passage: about 1.5 tokens each in technical English, so some 180 in the mean and mostly under 256. */
export const passageWords: WordBounds = { least: 80, most: 150 };
/** Words of a short document: a sentence. */
export const shortWords: WordBounds = { least: 8, most: 16 };

/**
 * The sentences of a corpus, document after document: what all made texts consist of.
 *
 * @param corpus a BEIR `corpus.jsonl`; undefined takes the Markdown files of this repository.
 */
export async function readSentences(corpus: string | undefined): Promise<string[][]> {
  const documents: string[][] = [];
  if (corpus === undefined) {
    for (const markdown of await repositoryDocuments()) documents.push(splitSentences(plainText(markdown)));
  } else {
    for await (const { text } of readBeirCorpus(corpus)) documents.push(splitSentences(text));
  }
  if (documents.flat().length === 0) throw new Error(`No sentences in ${corpus ?? "the repository's documents"}.`);
  return documents;
}

/**
 * A text of random sentences, the same for the same number and seed, and numbered so that no two are alike. Lengths are
 * spread evenly between the bounds, for padding is part of what is compared.
 */
export function makeText(sentences: readonly string[], words: WordBounds, number: number, seed = 1): string {
  const random = createSeeded(seed * 1_000_003 + number);
  const wanted = words.least + Math.floor(random() * (words.most - words.least + 1));
  const parts: string[] = [`Note ${number}.`];
  let length = 2;
  while (length < wanted) {
    const sentence = sentences[Math.floor(random() * sentences.length)] ?? "";
    const taken = sentence.split(" ").slice(0, wanted - length);
    parts.push(taken.join(" "));
    length += taken.length;
  }
  return parts.join(" ");
}

/** Texts 1 to `count` of `makeText`. */
export async function makeTexts(count: number, words: WordBounds, corpus: string | undefined): Promise<string[]> {
  const sentences = (await readSentences(corpus)).flat();
  return Array.from({ length: count }, (_, index) => makeText(sentences, words, index + 1));
}

/** The documents of the corpus as they are, title and text; without a corpus, made ones. At most `count`. */
export async function documentTexts(count: number, corpus: string | undefined): Promise<string[]> {
  if (corpus === undefined) return await makeTexts(count, passageWords, undefined);
  const texts: string[] = [];
  for await (const { title, text } of readBeirCorpus(corpus)) {
    texts.push(`${title} ${text}`.trim());
    if (texts.length >= count) break;
  }
  return texts;
}

/** Real passages, nothing recombined: every one, two and three neighbouring sentences of each document. */
export function sentenceWindows(documents: readonly (readonly string[])[]): string[] {
  const windows = documents.flatMap((sentences) =>
    [1, 2, 3].flatMap((size) =>
      sentences
        .slice(0, Math.max(0, sentences.length - size + 1))
        .map((_, start) => sentences.slice(start, start + size).join(" ")),
    ),
  );
  return [...new Set(windows)];
}

async function repositoryDocuments(): Promise<string[]> {
  const documents: string[] = [];
  for (const folder of [root, join(root, "docs"), join(root, "docs", "adr"), join(root, "bench")]) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(".md")).toSorted()) {
      documents.push(await readFile(join(folder, name), "utf8"));
    }
  }
  return documents;
}

/** Markdown without code blocks, tables, link targets and marks: good enough for text to measure on. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/^\s*[|].*$/gm, "")
    .replaceAll(/\]\([^)]*\)/g, "")
    .replaceAll(/^\s*(?:#+|[-*+>]|\d+\.)\s+/gm, "")
    .replaceAll(/[*_`[\]]/g, "");
}

function splitSentences(text: string): string[] {
  return text
    .split(/\n\s*\n|(?<=[.!?])\s+/)
    .map((sentence) => sentence.replaceAll(/\s+/g, " ").trim())
    .filter((sentence) => sentence.split(" ").length >= 5);
}
