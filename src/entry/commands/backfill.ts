import { setTimeout as sleep } from "node:timers/promises";
import { backfill, countsUnder } from "../../compose/backfill.ts";
import { openSource } from "../../compose/source.ts";
import { parseEventPlaces } from "../../config/events.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { BackfillProgress } from "../../core/ingest/backfill.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptedExitCode, interruptible } from "../terminal/interrupt.ts";
import { count, grouped, readable } from "../terminal/output.ts";
import {
  integerOption,
  overriding,
  runtimeOf,
  settingsOf,
  settingsOverrides,
  storeHelp,
  storeOption,
} from "./shared.ts";

const defaultRate = 200;
const liveEveryMs = 1_000;
const waitMs = 2_000;

export const backfillCommand: Command = {
  name: "backfill",
  summary: "tell the workers of every object in a bucket that the index does not hold",
  usage: "backfill gs://… [options]",
  options: {
    ...storeOption,
    topic: { type: "string" },
    rate: { type: "string" },
    "retry-failed": { type: "boolean" },
    wait: { type: "boolean" },
  },
  optionHelp: {
    ...storeHelp,
    topic: "of the bucket's events, projects/PROJECT/topics/NAME (ISTHMUS_TOPIC)",
    rate: `objects told in a second, at most (default ${defaultRate})`,
    "retry-failed": "tell also of documents that failed before",
    wait: "wait until the workers are through, and show how far they are",
  },
  examples: ["isthmus backfill gs://my-docs --topic projects/my-project/topics/my-docs-events --store weaviate --wait"],
  positionals: [1, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const [location = ""] = positionals;
  if (!/^gs:\/\//i.test(location)) {
    throw new IsthmusError(
      "config_invalid",
      `${location}: a backfill is of a bucket, gs://bucket or gs://bucket/folder/.`,
    );
  }
  const perSecond = integerOption(invocation, "rate") ?? defaultRate;
  if (perSecond < 1) throw new IsthmusError("config_invalid", `--rate is ${perSecond}; it is 1 or more.`);
  const { environment, names } = settingsOverrides(invocation, { ISTHMUS_TOPIC: overriding(invocation, "topic") });
  const { topic = "", emulator } = parseEventPlaces(environment, names, ["ISTHMUS_TOPIC"]);
  const settings = settingsOf(invocation);
  const retryFailed = flagOption(invocation, "retry-failed");
  return await interruptible(output, "Stopping; the same command tells of what is left.", (signal) =>
    closingAll(async (closing) => {
      const source = await openSource(location, settings);
      closing.add(() => source.close());
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      let shownAt = performance.now();
      const onProgress = (progress: BackfillProgress) => {
        if (performance.now() - shownAt < liveEveryMs) return;
        shownAt = performance.now();
        output.note(`Told of ${count(progress.published, "object")} of ${grouped(progress.listed)} listed`);
      };
      const found = await backfill(
        runtime,
        source,
        { topic, emulator },
        { perSecond, retryFailed, signal, onProgress },
      );
      output.line(
        `Told of ${count(found.published, "object")} in ${readable(source.scope)}; ${grouped(found.unchanged)} were up to date, ${grouped(found.failed)} failed before.`,
      );
      const after = flagOption(invocation, "wait") ? await waitFor(found) : undefined;
      output.data({ ...found, ...(after && { indexed: after.documents, failed_now: after.failed }) });
      if (signal.aborted) return interruptedExitCode;
      return found.unlisted > 0 || found.failed > 0 || (after?.failed ?? 0) > 0 ? 2 : 0;

      /** Until the manifest accounts for every object that was listed. */
      async function waitFor({ listed }: BackfillProgress) {
        for (;;) {
          const counts = await countsUnder(runtime, source.scope, signal);
          const done = counts.documents + counts.failed + counts.skipped;
          output.note(`${grouped(done)} of ${count(listed, "object")} are through`);
          if (done >= listed) return counts;
          await sleep(waitMs, undefined, { signal });
        }
      }
    }),
  );
}
