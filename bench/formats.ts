import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { samplesOf } from "../test/support/parser/samples.ts";
import type { Bench } from "./bench.ts";
import { type FormatReading, readingSchema } from "./format-reading.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeTexts, shortWords } from "./texts.ts";

const run = promisify(execFile);
const reader = join(import.meta.dirname, "format-reader.ts");

/** Characters of prose in each file: enough that a reader's warming up is not most of it. */
const proseCharacters = 2_000_000;
/**
 * Where a piece is more than one text, or a file may not have so many pieces: a page of a PDF has twenty lines and takes as long as
 * hundreds of kilobytes of Markdown, a message its text ten times; a presentation and an archive have their limit of files.
 */
const partOfPieces: Readonly<Record<string, number>> = { pdf: 0.0125, mbox: 0.1, pptx: 0.25, zip: 0.25, tar: 0.25 };
const rounds = 3;

export const formatsBench: Bench = {
  name: "formats",
  summary:
    "megabytes a second and peak memory of the reader of each format, on a file of 2 MB of prose made for it (Linux)",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      // Nothing that is markup in any of the formats; an ordinary text packs three times, and no format is a bomb.
      const texts = (await makeTexts(options.documents ?? 2_000, shortWords, options.corpus)).map((text) =>
        text.replaceAll(/[^A-Za-z0-9 .]+/g, " "),
      );
      const prose = (number: number): string => texts[number % texts.length] ?? "";
      const mean = texts.reduce((sum, { length }) => sum + length, 0) / texts.length;
      const files = Object.entries(samplesOf(prose));
      const figures: Figure[] = [];
      const notes: string[] = [];
      for (const [at, [name, make]] of files.entries()) {
        const format = extname(name).slice(1);
        const pieces = Math.ceil((proseCharacters * (partOfPieces[format] ?? 1)) / mean);
        const file = join(scratch, name);
        const bytes = await make(pieces);
        const megabytes = bytes.length / 1e6;
        await writeFile(file, bytes);
        const readings: FormatReading[] = [];
        for (let round = 1; round <= (options.rounds ?? rounds); round += 1) {
          progress.tell(`${format}, ${at + 1} of ${files.length}, round ${round}`);
          const { stdout } = await run(execPath, [reader, file], { maxBuffer: 2 ** 20 });
          readings.push(readingSchema.parse(JSON.parse(stdout)));
        }
        const [first] = readings;
        if (first === undefined || first.characters < 1000) throw new Error(`${name} gave no text.`);
        if (first.faults > 0) throw new Error(`${name} was read with ${first.faults} faults.`);
        const samples = (of: (reading: FormatReading) => number): number[] => readings.map(of);
        figures.push(
          { subject: format, measure: "of the file", unit: "MB/s", samples: samples((one) => megabytes / one.seconds) },
          {
            subject: format,
            measure: "of the text in it",
            unit: "MB/s",
            samples: samples((one) => one.characters / 1e6 / one.seconds),
          },
          {
            subject: format,
            measure: "CPU time, all threads",
            unit: "ms/MB of the file",
            samples: samples((one) => (one.cpuSeconds * 1000) / megabytes),
          },
        );
        const peaks = readings.flatMap(({ peakMemory }) => (peakMemory === undefined ? [] : [peakMemory / 2 ** 20]));
        if (peaks.length > 0)
          figures.push({ subject: format, measure: "peak resident memory", unit: "MiB", samples: peaks });
        notes.push(
          `${format}: ${megabytes.toFixed(2)} MB, ${(first.characters / 1e6).toFixed(2)} MB of text in ${first.documents} documents`,
        );
      }
      return {
        bench: "formats",
        parameters: { texts: texts.length, characters: proseCharacters },
        figures,
        budgets: [],
        notes,
      };
    }),
};
