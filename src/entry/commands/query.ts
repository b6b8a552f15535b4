import { readFileSync } from "node:fs";
import { openQueryEngine } from "../../compose/engine.ts";
import { inTime, queryDeadlineMs } from "../../core/deadline.ts";
import { fileName } from "../../core/file-name.ts";
import type { Passage } from "../../core/retrieve-types.ts";
import type { Command, Invocation } from "../command.ts";
import { duration, type Output, readable, visible } from "../terminal/output.ts";
import { conditionsOf, filterHelp, filterOf, filterOptions } from "./filter-options.ts";
import { choiceOption, integerOption, runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";
import { tenths } from "./summaries.ts";

export const queryCommand: Command = {
  name: "query",
  summary: "find the passages that answer a question",
  usage: 'query "<question>" [options]',
  options: {
    ...storeOption,
    k: { type: "string", short: "k" },
    mode: { type: "string" },
    ...filterOptions,
  },
  optionHelp: {
    ...storeHelp,
    k: "passages to show, 1 to 50 (default 3)",
    mode: "hybrid (default), vector or keyword",
    ...filterHelp,
  },
  examples: ['isthmus query "how long are backups kept?"', 'isthmus query "error 429" --k 5 --mode keyword --json'],
  positionals: [1, 1],
  tooMany: (words) => `Quote the question: isthmus query ${JSON.stringify(words.join(" "))}.`,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const query = invocation.positionals[0] === "-" ? readFileSync(0, "utf8") : (invocation.positionals[0] ?? "");
  const k = integerOption(invocation, "k");
  const mode = choiceOption(invocation, "mode", ["hybrid", "vector", "keyword"]);
  const metadata = conditionsOf(invocation);
  const runtime = await runtimeOf(invocation, settingsOf(invocation));
  try {
    const engine = await inTime(queryDeadlineMs, undefined, (signal) => openQueryEngine(runtime, signal));
    try {
      const filter = await filterOf(engine, invocation, metadata);
      const { results, tookMs } = await engine.retriever.query({
        query,
        ...(k !== undefined && { k }),
        ...(mode && { mode }),
        ...(filter && { filter }),
      });
      output.data({ results, took_ms: tenths(tookMs) });
      for (const [index, passage] of results.entries()) print(output, passage, index + 1);
      output.line(output.style("dim", results.length === 0 ? "Nothing was found." : `in ${duration(tookMs)}`));
      return 0;
    } finally {
      await engine.close();
    }
  } finally {
    await runtime.close();
  }
}

function print(output: Output, passage: Passage, rank: number): void {
  const { source, score, content } = passage;
  const place = [readable(source.uri), source.heading]
    .filter((part) => part !== "")
    .map(visible)
    .join("  §  ");
  output.line(
    `${output.style("bold", `${rank}. ${visible(source.title || fileName(source.uri))}`)}  ${output.style("dim", shortScore(score))}`,
  );
  output.line(output.style("cyan", `   ${place}  [${source.start}–${source.end}]`));
  for (const line of content.split(/\r?\n/)) output.line(`   ${visible(line.replaceAll("\t", "    "))}`);
  output.line();
}

/** Three decimals, or three digits where that would leave nothing: BM25 over a few documents is tiny. */
function shortScore(score: number): string {
  return Math.abs(score) >= 0.0005 || score === 0 ? score.toFixed(3) : score.toPrecision(3);
}
