import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, env, exitCode, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { startBenchServer } from "../bench/weaviate.ts";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { parseSettings } from "../src/config/parse.ts";
import { evaluationModes } from "../src/core/evaluate.ts";
import type { Store } from "../src/core/ports.ts";
import { ndcgOf, qualityLosses, readBaseline, recallLosses, writeBaseline } from "./baseline.ts";
import { docsSet, measureQuality, setName } from "./measure.ts";
import { makeRecallData, measureRecall } from "./recall.ts";

const usage = `Usage: npm run eval -- [BEIR FOLDER…] [options]

Measures retrieval quality on the set that ships with the project and on the folders given, in a temporary index, and the
recall of the stores' quantised indexes against exact search. Fails where something is more than 0.005 below
eval/baseline.json.

  --store NAME   sqlite (default), weaviate (a real one is started), or both
  --update       write what was measured into eval/baseline.json
  --json         print one JSON value

Example: npm run eval -- path/to/beir/scifact --store both
`;

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    store: { type: "string", default: "sqlite" },
    update: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    stdout.write(usage);
    return 0;
  }
  if (!["sqlite", "weaviate", "both"].includes(values.store)) {
    stderr.write(`--store is ${JSON.stringify(values.store)}; it is sqlite, weaviate or both.\n\n${usage}`);
    return 1;
  }
  const baseline = await readBaseline();
  const losses: string[] = [];
  const results: Record<string, unknown>[] = [];
  const line = (text: string) => (values.json ? stderr : stdout).write(`${text}\n`);
  const tell = (text: string) => stderr.isTTY && stderr.write(`\r\u001B[2K${text}`);
  const scratch = await mkdtemp(join(tmpdir(), "isthmus-quality-"));
  const server = values.store === "sqlite" ? undefined : await startBenchServer(line);
  if (values.store !== "sqlite" && server === undefined) return 1;
  try {
    const data = await makeRecallData(docsSet);
    for (const name of values.store === "both" ? ["sqlite", "weaviate"] : [values.store]) {
      const environment = name === "weaviate" ? (server?.environment("Quality") ?? {}) : {};
      const settings = parseSettings({ ...env, ISTHMUS_DATA_DIR: join(scratch, name), ...environment });
      for (const folder of [docsSet, ...positionals]) {
        const quality = await measureQuality(folder, settings, new AbortController().signal, tell);
        tell("");
        const set = setName(folder);
        for (const mode of evaluationModes) {
          const missed = `${(quality.missed[mode] * 100).toFixed(1).padStart(5)} % miss the first three`;
          line(`${set}, ${name}, ${mode.padEnd(7)}  nDCG@10 ${quality[mode]["ndcg@10"].toFixed(3)}  ${missed}`);
        }
        results.push({ set, store: name, ...quality });
        losses.push(...qualityLosses(set, name, quality, baseline));
        baseline.quality[set] = { ...baseline.quality[set], [name]: ndcgOf(quality) };
      }
      const store: Store =
        server !== undefined && name === "weaviate"
          ? createWeaviateStore(server.settings("Recall"))
          : createSqliteStore({ directory: join(scratch, "recall") });
      const recall = await measureRecall(store, data);
      line(`recall@10 of the quantised index against exact search, ${name}: ${recall.toFixed(4)}`);
      results.push({ store: name, "recall@10": recall });
      losses.push(...recallLosses(name, recall, baseline));
      baseline.recall[name] = Number(recall.toFixed(4));
    }
  } finally {
    await server?.stop();
    await rm(scratch, { recursive: true, force: true });
  }
  if (values.json) stdout.write(`${JSON.stringify({ results, losses })}\n`);
  if (values.update) {
    await writeBaseline(baseline);
    line("written to eval/baseline.json");
    return 0;
  }
  for (const loss of losses) line(`LOST: ${loss}`);
  return losses.length === 0 ? 0 : 1;
}

process.exitCode = exitCode ?? (await main());
