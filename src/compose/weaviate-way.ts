import type { WeaviateSettings } from "../adapters/store/weaviate/settings.ts";
import type { ModelIdentity } from "../core/types.ts";
import type { Finding } from "./finding.ts";

/** The way to a Weaviate, step by step. */
export async function* diagnoseWay(access: WeaviateSettings, identity: ModelIdentity): AsyncGenerator<Finding> {
  const { diagnoseWeaviate } = await import("../adapters/store/weaviate/diagnosis.ts");
  for await (const { check, ...finding } of diagnoseWeaviate(access, identity)) {
    yield { check: `weaviate ${check}`, ...finding };
  }
}
