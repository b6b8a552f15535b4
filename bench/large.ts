import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bench } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import { memoryOfRuns } from "./memory-figures.ts";
import type { Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { withStore } from "./weaviate.ts";

const collection = "BenchLarge";
const packedFiles = 40;
const unpackedMiB = 31;
/** More than are worked on at once, so that as many are in flight as ever are. */
const longDocuments = 160;
const passagesInOne = 60;

export const largeBench: Bench = {
  name: "large",
  summary:
    "peak memory of an ingest of packed files of 31 MiB, and of long documents with as many in flight as may be (Linux)",
  run: (options, progress) =>
    withStore(options.store, progress.tell, (server) =>
      withScratch(async (scratch): Promise<Report> => {
        const long = options.documents ?? longDocuments;
        const packed = join(scratch, "packed");
        await mkdir(packed);
        const blank = blankLines(unpackedMiB * 2 ** 20);
        for (let number = 0; number < packedFiles; number++) {
          await writeFile(join(packed, `${number}.txt.gz`), gzipSync(`alpha ${number}\n${blank}omega`));
        }
        const passages = await makeTexts(long * passagesInOne, passageWords, options.corpus);
        const folder = join(scratch, "long");
        const texts = Array.from({ length: long }, (_, at) =>
          passages.slice(at * passagesInOne, (at + 1) * passagesInOne).join("\n\n"),
        );
        await writeDocuments(folder, texts);
        const kinds = [
          { subject: `${packedFiles} files of ${unpackedMiB} MiB, packed`, path: packed, count: packedFiles },
          { subject: `${long} documents of ${passagesInOne} passages`, path: folder, count: long },
        ];
        const measured = [];
        for (const { subject, path, count } of kinds) {
          progress.tell(subject);
          const run = await runIsthmus(["ingest", path, "--json"], join(scratch, "data"), {
            ISTHMUS_WORKERS: String(options.cores),
            ...server?.environment(collection),
          });
          const { added } = ingestSummary(run);
          if (added !== count) throw new Error(`Of ${count} documents ${added} were added.`);
          measured.push(memoryOfRuns(subject, count, [run]));
        }
        await server?.drop(collection);
        return {
          bench: options.store === "sqlite" ? "large" : "large-weaviate",
          parameters: { documents: long, cores: options.cores, store: options.store },
          figures: measured.flatMap(({ figures }) => figures),
          budgets: measured.flatMap(({ budgets }) => budgets),
          notes: ["each figure is that of one run", ...measured.flatMap(({ notes }) => notes)],
        };
      }),
    ),
};

/** What is long is the file, and not the embedding of it: blank lines of many lengths, or it would be taken for a bomb. */
function blankLines(bytes: number): string {
  const lines: string[] = [];
  let random = 1;
  for (let left = bytes; left > 0; left -= (lines.at(-1) ?? "").length) {
    random = (random * 48_271) % 2_147_483_647;
    lines.push(`${" ".repeat(100 + (random % 900))}\n`);
  }
  return lines.join("");
}
