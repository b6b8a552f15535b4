// `node bench/format-reader.ts FILE`: reads the file in a process of its own, as an ingest would, and prints what that took.
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { argv, cpuUsage, pid, stdout } from "node:process";
import { pathToFileURL } from "node:url";
import { createParserRegistry } from "../src/adapters/parser/registry.ts";
import type { FormatReading } from "./format-reading.ts";
import { highWaterMark } from "./proc.ts";

const maxFileBytes = 32 * 2 ** 20;
const [, , file] = argv;
if (file === undefined) throw new Error("node bench/format-reader.ts FILE");
const registry = createParserRegistry({ format: "auto", maxFileBytes, maxRecordBytes: 2 ** 20 });

async function read(bytes: AsyncIterable<Uint8Array>, path: string): Promise<Omit<FormatReading, "peakMemory">> {
  const head = Buffer.alloc(4096);
  const handle = await open(path);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  await handle.close();
  const uri = pathToFileURL(path).href;
  const ref = { uri, version: "1", size: (await stat(path)).size, updatedAt: "2026-01-01T00:00:00.000Z" };
  const selected = registry.select(ref, head.subarray(0, bytesRead));
  if ("skip" in selected) throw selected.skip;
  let [documents, faults, characters] = [0, 0, 0];
  const before = cpuUsage();
  const start = performance.now();
  for await (const parsed of selected.parser.parse({ uri, contentType: selected.contentType, bytes })) {
    if (parsed.kind === "fault") faults += 1;
    else {
      documents += 1;
      characters += parsed.title.length + parsed.text.length;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = cpuUsage(before);
  return { documents, faults, characters, seconds, cpuSeconds: (user + system) / 1e6 };
}

const reading = await read(createReadStream(file, { highWaterMark: 2 ** 16 }), file);
await registry.close();
const peakMemory = highWaterMark(pid);
stdout.write(JSON.stringify({ ...reading, ...(peakMemory === undefined ? {} : { peakMemory }) }));
