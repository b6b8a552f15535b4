import type { PlanProgress } from "../../core/plan/plan.ts";
import { count, grouped, type Output } from "./output.ts";

const liveEveryMs = 100;
const plainEveryMs = 5000;

/** One live line on a terminal, a plain line every five seconds and at each new phase where the output is piped. */
export function createPlanProgress(output: Output): { onProgress(progress: PlanProgress): void; stop(): void } {
  const live = process.stderr.isTTY === true;
  let shownAt = Number.NEGATIVE_INFINITY;
  let phase = "";
  return {
    onProgress(progress) {
      const now = performance.now();
      const begins = progress.phase !== phase;
      phase = progress.phase;
      if (!begins && now - shownAt < (live ? liveEveryMs : plainEveryMs)) return;
      shownAt = now;
      if (live) process.stderr.write(`\r\x1b[2K${lineOf(progress).slice(0, (process.stderr.columns || 80) - 1)}`);
      else output.note(lineOf(progress));
    },
    stop() {
      if (live) process.stderr.write("\r\x1b[2K");
    },
  };
}

function lineOf(progress: PlanProgress): string {
  switch (progress.phase) {
    case "listing":
      return `Looking for documents: ${count(progress.objects, "object")} found`;
    case "reading":
      return `Reading a sample: ${grouped(progress.done)} of ${count(progress.total, "document")}`;
    case "measuring":
      return "Measuring how fast this machine embeds, some seconds";
  }
}
