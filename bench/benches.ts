import { answersBench } from "./answers.ts";
import type { ListedBench } from "./bench.ts";
import { coldBench } from "./cold.ts";
import { embedBench } from "./embed.ts";
import { evalBench } from "./eval.ts";
import { eventsBench } from "./events.ts";
import { firstRunBench } from "./first-run.ts";
import { formatsBench } from "./formats.ts";
import { growthBench } from "./growth.ts";
import { ingestBench } from "./ingest.ts";
import { largeBench } from "./large.ts";
import { memoryBench } from "./memory.ts";
import { queryBench } from "./query.ts";
import { removeBench } from "./remove.ts";
import { rerunBench } from "./rerun.ts";
import { storeBench } from "./store.ts";
import { telemetryBench } from "./telemetry.ts";

/** All benches, in the order in which they run; minutes as runs on two cores of an AMD EPYC with AVX-512 VNNI took. */
export const benches: readonly ListedBench[] = [
  { ...embedBench, minutes: 4 },
  { ...storeBench, minutes: 7 },
  { ...ingestBench, minutes: 12 },
  { ...rerunBench, minutes: 11, minutesOnWeaviate: 11 },
  { ...removeBench, minutes: 5 },
  { ...eventsBench, minutes: 4 },
  { ...growthBench, minutes: 9 },
  { ...memoryBench, minutes: 13, minutesOnWeaviate: 17 },
  { ...largeBench, minutes: 2, minutesOnWeaviate: 2 },
  { ...formatsBench, minutes: 3 },
  { ...firstRunBench, minutes: 1 },
  { ...coldBench, minutes: 3 },
  { ...queryBench, minutes: 3 },
  { ...answersBench, minutes: 5 },
  { ...telemetryBench, minutes: 8 },
  { ...evalBench, minutes: 2 },
];
