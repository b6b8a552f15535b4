import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import { openIngestEngine } from "../../src/compose/ingest-engine.ts";
import { openShard } from "../../src/compose/source.ts";
import { openStore } from "../../src/compose/store.ts";
import { parseJobSettings } from "../../src/config/job.ts";
import type { Environment } from "../../src/config/read.ts";
import type { IngestSummary } from "../../src/core/ingest-types.ts";
import type { Analyzer, Store } from "../../src/core/ports.ts";
import { createHashEmbedder } from "./hash-embedder.ts";

/** The Job's work, configured as the Job is, with an embedder that needs no model. */
export async function workAsJob(
  environment: Environment,
  wrapStore: (store: Store) => Store = (store) => store,
  analyzer: Analyzer = createEnglishAnalyzer(),
): Promise<IngestSummary> {
  const { settings, location, shard } = parseJobSettings(environment);
  const source = await openShard(location, settings, shard);
  const engine = await openIngestEngine({
    settings,
    embedder: createHashEmbedder(),
    analyzer,
    store: wrapStore(openStore(settings)),
    close: async () => {},
  });
  try {
    return await engine.ingest(source);
  } finally {
    await engine.close();
    await source.close();
  }
}
