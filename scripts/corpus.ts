// `npm run corpus -- FOLDER`: how much of real files our readers give, compared with programs that are installed here.
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createParserRegistry } from "../src/adapters/parser/registry.ts";
import { type Compared, compare, extensionOf } from "./corpus/compare.ts";
import { installedReferences } from "./corpus/references.ts";

const usage = `npm run corpus -- FOLDER [--only pdf,docx] [--least 50] [--show 20] [--json]

Reads every file under FOLDER with the readers of an ingest and with the reference program of its format, where that is
installed (poppler's pdftotext for PDF, for example), and prints the word recall against the reference. Fetches nothing.

--only   extensions to compare, separated by commas
--least  files with fewer words than this in the reference are left out (50)
--show   prints so many of the files with the lowest recall (20)
--json   one JSON object a file on standard output, in place of the tables`;

// The bars that the readers are held to: this recall for nearly all files, and none below the floor without a reason.
const good = 0.97;
const floor = 0.9;
const maxBytes = 64 * 1024 * 1024;

function summary(extension: string, all: readonly Compared[]): string {
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  const milliseconds = all.reduce((sum, one) => sum + one.milliseconds, 0);
  const low = all.filter((one) => one.recall < floor);
  const silent = low.filter((one) => one.told === "");
  const slowest = all.reduce((slow, one) => (one.milliseconds > slow.milliseconds ? one : slow));
  return [
    `${extension}: ${all.length} files`,
    `${all.filter((one) => one.recall >= good).length} with recall ${good} and more`,
    `${low.length} below ${floor}, of these ${silent.length} without a reason, ${silent.filter((one) => one.letters < floor).length} of them in letters too`,
    `mean ${(all.reduce((sum, one) => sum + one.recall, 0) / all.length).toFixed(4)}`,
    `${(bytes / 1e3 / milliseconds).toFixed(2)} MB/s`,
    `slowest ${(slowest.milliseconds / 1000).toFixed(1)} s (${slowest.file})`,
  ].join("; ");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      least: { type: "string", default: "50" },
      show: { type: "string", default: "20" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [folder] = positionals;
  if (values.help === true || folder === undefined || positionals.length !== 1) {
    process.stdout.write(`${usage}\n`);
    return values.help === true ? 0 : 1;
  }
  const only = values.only?.split(",");
  const { readers, missing } = await installedReferences();
  for (const name of missing) process.stderr.write(`Not compared, because it is not installed: ${name}\n`);
  const registry = createParserRegistry({ format: "auto", maxFileBytes: maxBytes, maxRecordBytes: maxBytes });
  const compared: Compared[] = [];
  try {
    const files = globSync("**/*", { cwd: folder }).map((file) => join(folder, file));
    for (const file of files.sort()) {
      const extension = extensionOf(file);
      const reference = readers.get(extension);
      if (reference === undefined || (only && !only.includes(extension)) || !statSync(file).isFile()) continue;
      const one = await compare(registry, reference, file, Number(values.least));
      if (one === undefined) continue;
      if (values.json === true) process.stdout.write(`${JSON.stringify(one)}\n`);
      compared.push(one);
    }
  } finally {
    await registry.close();
  }
  if (values.json === true) return 0;
  compared.sort((a, b) => a.recall - b.recall);
  for (const one of compared.slice(0, Number(values.show))) {
    process.stdout.write(
      `${one.recall.toFixed(3)}  ${one.letters.toFixed(3)} of the letters  ${one.words} words  ${one.file}  ${one.told}\n`,
    );
  }
  for (const extension of new Set(compared.map((one) => one.extension))) {
    const all = compared.filter((one) => one.extension === extension);
    process.stdout.write(`${summary(extension, all)}\n`);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run corpus: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
