// `npm run mutate -- FILE…`: broken copies of files through the readers of an ingest: no crash, no hang, flat memory.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { createParserRegistry } from "../src/adapters/parser/registry.ts";
import { IsthmusError } from "../src/core/errors.ts";
import type { ParserRegistry } from "../src/core/ports.ts";
import { mutated } from "../test/support/parser/mutate.ts";
import { entriesOf, isZip, packedBroken } from "../test/support/parser/mutate-zip.ts";
import { createSeeded } from "../test/support/seeded.ts";

const usage = `npm run mutate -- FILE… [--count 10000] [--seed 1]

Reads broken copies of the files, in turn, with the readers of an ingest. Of a ZIP file (DOCX, XLSX, EPUB, …) about every second copy is
whole outside, and what lies in it is broken. Prints how each ended, the slowest and the peak of
memory. Ends with 1 where one ended with anything but a document or an error of ours; the seed repeats a run.`;

const maxBytes = 32 * 2 ** 20;

async function outcome(registry: ParserRegistry, name: string, content: Uint8Array): Promise<string> {
  const uri = `file:///mutated/${encodeURIComponent(name)}`;
  const bytes = (async function* () {
    yield content;
  })();
  try {
    const ref = { uri, version: "1", size: content.length, updatedAt: "2026-01-01T00:00:00.000Z" };
    const selected = registry.select(ref, content.subarray(0, 4096));
    if ("skip" in selected) return selected.skip.code;
    let [documents, faults] = [0, 0];
    for await (const parsed of selected.parser.parse({ uri, contentType: selected.contentType, bytes })) {
      if (parsed.kind === "document") documents += 1;
      else faults += 1;
    }
    return documents === 0 ? "nothing" : faults === 0 ? "read" : "read with faults";
  } catch (error) {
    return error instanceof IsthmusError && error.code !== "internal" ? error.code : `CRASH: ${error}`;
  }
}

async function main(): Promise<number> {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true || files.length === 0) {
    process.stdout.write(`${usage}\n`);
    return values.help === true ? 0 : 1;
  }
  const originals = await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(file);
      return { name: basename(file), bytes, entries: isZip(bytes) ? await entriesOf(bytes) : undefined };
    }),
  );
  const registry = createParserRegistry({ format: "auto", maxFileBytes: maxBytes, maxRecordBytes: 2 ** 20 });
  const random = createSeeded(Number(values.seed));
  const ended = new Map<string, number>();
  const memory: number[] = [];
  let slowest = { milliseconds: 0, number: 0, name: "" };
  const count = Number(values.count);
  for (let number = 0; number < count; number += 1) {
    const original = originals[number % originals.length];
    if (original === undefined) break;
    const { bytes, entries } = original;
    const content = entries && random() < 0.5 ? await packedBroken(entries, random) : mutated(bytes, random);
    const began = performance.now();
    const how = await outcome(registry, original.name, content);
    const milliseconds = performance.now() - began;
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, number, name: original.name };
    ended.set(how, (ended.get(how) ?? 0) + 1);
    if ((number + 1) % Math.ceil(count / 10) === 0) memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  await registry.close();
  for (const [how, times] of [...ended].sort(([, a], [, b]) => b - a)) process.stdout.write(`${times}  ${how}\n`);
  process.stdout.write(
    `slowest: ${(slowest.milliseconds / 1000).toFixed(2)} s (number ${slowest.number}, of ${slowest.name})\n`,
  );
  process.stdout.write(`memory of the process at each tenth, MiB: ${memory.join(", ")}\n`);
  return [...ended.keys()].some((how) => how.startsWith("CRASH")) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run mutate: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
