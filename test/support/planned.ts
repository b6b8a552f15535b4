import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { createDirectorySource } from "../../src/adapters/source/directory.ts";
import { createCutting } from "../../src/core/ingest/pipeline.ts";
import { type Plan, type PlanOptions, planIngest } from "../../src/core/plan/plan.ts";
import type { Manifest, Source } from "../../src/core/ports.ts";
import { createHashEmbedder } from "./hash-embedder.ts";
import { testLimits } from "./workspace.ts";

export interface PlannedOptions extends Partial<Pick<PlanOptions, "calibration" | "onProgress" | "signal">> {
  readonly format?: "auto" | "lines";
  readonly documents?: number;
  readonly bytes?: number;
  readonly manifest?: Pick<Manifest, "entries" | "count">;
  /** Bytes of files that are hashed; default none. */
  readonly hashBytes?: number;
}

/** Plans what `openTestEngine` would ingest, by the same parts. */
export async function planFolder(folder: string, options: PlannedOptions = {}): Promise<Plan> {
  const source = await createDirectorySource(folder, { hashBytes: options.hashBytes ?? 0 });
  try {
    return await planSource(source, options);
  } finally {
    await source.close();
  }
}

export async function planSource(source: Source, options: PlannedOptions = {}): Promise<Plan> {
  const { format = "auto", documents = 60, bytes = 2 ** 20, manifest, hashBytes: _, ...others } = options;
  const embedder = createHashEmbedder();
  const registry = createParserRegistry({ format, ...testLimits });
  const cutting = createCutting({ registry, embedder, analyzer: createEnglishAnalyzer() });
  const limits = { documents, bytes, maxFileBytes: testLimits.maxFileBytes };
  return await planIngest([source], { cutting, embedder, manifest }, { ...others, limits }).finally(() =>
    registry.close(),
  );
}
