// `npm run bundle -- NAME [--arch x64|arm64]`: one deployable with all it needs, in build/NAME/.
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { parseArchitecture } from "./bundle/architecture.ts";
import { bytesOf, contentsOf } from "./bundle/contents.ts";
import { bundleIngestJob, bundleIngestWorker, ingestJobFolder, ingestWorkerFolder } from "./bundle/ingestion.ts";
import { root } from "./run.ts";

const bundles = {
  "ingest-job": { make: bundleIngestJob, folder: ingestJobFolder },
  "ingest-worker": { make: bundleIngestWorker, folder: ingestWorkerFolder },
} as const;

const usage = `npm run bundle -- <${Object.keys(bundles).join(" | ")}> [--arch x64|arm64] [--json]

Writes the program, its workers, one architecture's binaries and the model into build/<name>/.
--arch is the processor it will run on; by default the one of this machine.

Example: npm run bundle -- ingest-job --arch arm64`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { arch: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const bundle = Object.entries(bundles).find(([name]) => name === positionals[0])?.[1];
  if (values.help === true || bundle === undefined || positionals.length !== 1) {
    process.stdout.write(`${usage}\n`);
    return values.help === true ? 0 : 1;
  }
  const { notes, packages } = await bundle.make(parseArchitecture(values.arch));
  const files = await contentsOf(bundle.folder);
  const folder = relative(root, bundle.folder);
  const bytes = bytesOf(files);
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ folder, bytes, files, packages, notes })}\n`);
    return 0;
  }
  for (const note of notes) process.stdout.write(`${note}\n`);
  process.stdout.write(`${folder}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run bundle: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
