import type { Command } from "./command.ts";
import { applyInfrastructure } from "./commands/apply-infrastructure.ts";
import { baseRevision } from "./commands/base-revision.ts";
import { buildImages } from "./commands/build-images.ts";
import { deployQueryLambda } from "./commands/deploy-query-lambda.ts";
import { deployWeaviate } from "./commands/deploy-weaviate.ts";
import { deployWorker } from "./commands/deploy-worker.ts";
import { detectDrift } from "./commands/detect-drift.ts";
import { pipelineParameters } from "./commands/pipeline-parameters.ts";
import { planInfrastructure } from "./commands/plan-infrastructure.ts";
import { rollBack } from "./commands/rollback.ts";
import { runIngestion } from "./commands/run-ingestion.ts";
import { smokeTest } from "./commands/smoke-test.ts";

/** The steps in the order in which a push goes through them. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ["base-revision", baseRevision],
  ["pipeline-parameters", pipelineParameters],
  ["plan-infrastructure", planInfrastructure],
  ["apply-infrastructure", applyInfrastructure],
  ["deploy-weaviate", deployWeaviate],
  ["build-images", buildImages],
  ["run-ingestion", runIngestion],
  ["deploy-query-lambda", deployQueryLambda],
  ["deploy-worker", deployWorker],
  ["smoke-test", smokeTest],
  ["rollback", rollBack],
  ["detect-drift", detectDrift],
]);
