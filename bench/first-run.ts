import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Bench } from "./bench.ts";
import { startIsthmus } from "./isthmus.ts";
import type { Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { freePort, isReady } from "./served.ts";
import { spread } from "./statistics.ts";

const budgetSeconds = 60;
const giveUpAfterMs = 600_000;
const question = "How do I search the documents?";

export const firstRunBench: Bench = {
  name: "first-run",
  summary: "`isthmus start` on this project's documents in an empty data folder, to the first answer over HTTP",
  paths: "taken",
  async run(options, progress): Promise<Report> {
    const ready: number[] = [];
    const answered: number[] = [];
    for (let round = 1; round <= (options.rounds ?? 3); round += 1) {
      progress.tell(`start ${round}`);
      const seconds = await withScratch((scratch) => firstAnswer(join(scratch, "data"), options.operands));
      ready.push(seconds.ready);
      answered.push(seconds.answered);
    }
    return {
      bench: "first-run",
      parameters: { documents: options.operands.join(" ") || "the project's own" },
      figures: [
        { subject: "isthmus start", measure: "to /readyz 200", unit: "s", samples: ready },
        { subject: "isthmus start", measure: "to the first answer", unit: "s", samples: answered },
      ],
      budgets: [
        {
          what: "process start to first answer",
          bound: "at most",
          limit: budgetSeconds,
          unit: "s",
          measured: spread(answered).median,
        },
      ],
      notes: ["packages are on disk; npm ci is not in the figure"],
    };
  },
};

async function firstAnswer(
  dataDir: string,
  paths: readonly string[],
): Promise<{ readonly ready: number; readonly answered: number }> {
  const port = await freePort();
  const start = performance.now();
  const child = startIsthmus(["start", ...paths], dataDir, { PORT: String(port), HOST: "127.0.0.1" });
  const exited = once(child, "exit");
  child.stdout?.resume();
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    complaints = (complaints + piece).slice(-2000);
  });
  try {
    const since = () => (performance.now() - start) / 1000;
    let ready: number | undefined;
    while (performance.now() - start < giveUpAfterMs) {
      if (child.exitCode !== null) throw new Error(`isthmus start exited with ${child.exitCode}:\n${complaints}`);
      ready ??= (await isReady(port)) ? since() : undefined;
      if (ready !== undefined && (await isAnswered(port))) return { ready, answered: since() };
      await wait(50);
    }
    throw new Error(`isthmus start gave no answer in ${giveUpAfterMs / 1000} s:\n${complaints}`);
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await exited;
    }
  }
}

const answerSchema = z.object({ results: z.array(z.unknown()) });

/** True once a query finds something; before that the index is still empty. */
async function isAnswered(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: question }),
  }).catch(() => undefined);
  if (response === undefined) return false;
  const body: unknown = await response.json();
  const answer = answerSchema.safeParse(body);
  return response.status === 200 && answer.success && answer.data.results.length > 0;
}
