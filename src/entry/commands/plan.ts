import { cpuFlags, hasVnni } from "../../compose/cpu-flags.ts";
import { planSources } from "../../compose/plan.ts";
import { loadPrices } from "../../compose/prices.ts";
import { openLook } from "../../compose/source.ts";
import { IsthmusError } from "../../core/errors.ts";
import { type Circumstances, forecast } from "../../core/plan/forecast.ts";
import { isOld } from "../../core/plan/prices.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation, textOption } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { createPlanProgress } from "../terminal/plan-progress.ts";
import { openPlaces } from "./places.ts";
import { planJson } from "./plan-json.ts";
import { printPlan } from "./plan-table.ts";
import { integerOption, overriding, runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

const sampledDocuments = 200;
const sampledBytes = 32 * 2 ** 20;
/** Long enough for some hundred texts on two cores. */
const measuredMs = 4000;

export const planCommand: Command = {
  name: "plan",
  summary: "estimate what an ingest would take: documents, chunks, minutes and dollars",
  usage: "plan <path…> [options]",
  options: {
    ...storeOption,
    format: { type: "string" },
    rate: { type: "string" },
    shards: { type: "string" },
    spot: { type: "boolean" },
    prices: { type: "string" },
    sample: { type: "string" },
  },
  optionHelp: {
    ...storeHelp,
    format: "auto (by type), or lines: text files hold one document a line",
    rate: "chunks a second that a whole ingest does in one pod where it will run; without it this machine is measured",
    shards: "pods that share the work (default 1)",
    spot: "reckon with the Spot machines of the ingestion pool",
    prices: "a price file of your own, as infra/prices.json",
    sample: `documents to read for the estimate, about (default ${sampledDocuments})`,
  },
  examples: [
    "isthmus plan ./my-docs",
    "isthmus plan gs://my-bucket/docs/ --store weaviate --rate 80 --shards 4",
    "isthmus plan gs://my-bucket --json",
  ],
  positionals: [1, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation, { DOCUMENT_FORMAT: overriding(invocation, "format") });
  const chunksPerSecond = rateOption(invocation);
  const shards = atLeastOne(invocation, "shards") ?? 1;
  const documents = atLeastOne(invocation, "sample") ?? sampledDocuments;
  const prices = await loadPrices(textOption(invocation, "prices"));
  return await interruptible(output, "Stopping…", (signal) =>
    closingAll(async (closing) => {
      const { places, failures } = await openPlaces(positionals, settings, output, closing, openLook);
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const progress = createPlanProgress(output);
      const sources = places.map((place) => place.source);
      const plan = await planSources(runtime, sources, {
        sample: { documents, bytes: sampledBytes },
        ...(chunksPerSecond === undefined && { calibration: { forMs: measuredMs } }),
        signal,
        onProgress: progress.onProgress,
      }).finally(progress.stop);
      const circumstances: Circumstances = {
        chunksPerSecond,
        shards,
        spot: flagOption(invocation, "spot"),
        bucket: sources.some((source) => source.scope.startsWith("gs:")),
        store: settings.weaviate === undefined ? "sqlite" : "weaviate",
        dimensions: runtime.embedder.identity.dimensions,
        prices,
      };
      const flags = settings.remoteEmbedder === undefined ? cpuFlags() : undefined;
      const shown = {
        plan,
        circumstances,
        forecast: forecast(plan, circumstances),
        workers: settings.workers,
        vnni: flags && hasVnni(flags),
        oldPrices: isOld(prices, new Date()),
      };
      output.data(planJson(shown));
      printPlan(output, shown);
      return failures.length + plan.survey.faults.length > 0 ? 2 : 0;
    }),
  );
}

function atLeastOne(invocation: Invocation, name: string): number | undefined {
  const value = integerOption(invocation, name);
  if (value === undefined || (value >= 1 && value <= 100_000)) return value;
  throw new IsthmusError("config_invalid", `--${name} is ${value}; it is a whole number from 1 to 100000.`);
}

function rateOption(invocation: Invocation): number | undefined {
  const value = textOption(invocation, "rate");
  if (value === undefined) return undefined;
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (rate > 0) return rate;
  throw new IsthmusError(
    "config_invalid",
    `--rate is ${JSON.stringify(value)}; it is a number above 0, chunks a second.`,
  );
}
