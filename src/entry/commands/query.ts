import { readFileSync } from "node:fs";
import { toUri } from "../../compose/location.ts";
import { openQueryEngine } from "../../compose/query-engine.ts";
import { inTime, queryDeadlineMs } from "../../core/deadline.ts";
import { present } from "../../core/errors.ts";
import { fileName } from "../../core/file-name.ts";
import type { Passage } from "../../core/retrieve-types.ts";
import { explanationBody } from "../../http/schemas/explanation.ts";
import { type Command, flagOption, type Invocation, textOption } from "../command.ts";
import { duration, type Output, readable, visible } from "../terminal/output.ts";
import { printExplanation, printHitExplanation, shortScore } from "./explained.ts";
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
    explain: { type: "boolean" },
    why: { type: "string" },
    ...filterOptions,
  },
  optionHelp: {
    ...storeHelp,
    k: "passages to show, 1 to 50 (default 3)",
    mode: "hybrid (default), vector or keyword",
    explain: "tell what each score is made of: ranks, words and their weights",
    why: "why the document of this path or URI is, or is not, among the results",
    ...filterHelp,
  },
  examples: [
    'isthmus query "how long are backups kept?"',
    'isthmus query "error 429" --k 5 --mode keyword --json',
    'isthmus query "backups" --explain --why docs/backups.md',
  ],
  positionals: [1, 1],
  tooMany: (words) => `Quote the question: isthmus query ${JSON.stringify(words.join(" "))}.`,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const query = invocation.positionals[0] === "-" ? readFileSync(0, "utf8") : (invocation.positionals[0] ?? "");
  const k = integerOption(invocation, "k");
  const mode = choiceOption(invocation, "mode", ["hybrid", "vector", "keyword"]);
  const explain = flagOption(invocation, "explain");
  const asked = textOption(invocation, "why");
  const why = asked === undefined ? undefined : toUri(asked);
  const metadata = conditionsOf(invocation);
  const runtime = await runtimeOf(invocation, settingsOf(invocation));
  try {
    const engine = await inTime(queryDeadlineMs, undefined, (signal) => openQueryEngine(runtime, signal));
    try {
      const filter = await filterOf(engine, invocation, metadata);
      const { results, tookMs, explanation } = await engine.retriever.query({
        query,
        ...(k !== undefined && { k }),
        ...(mode && { mode }),
        ...(filter && { filter }),
        ...(explain && { explain }),
        ...(why !== undefined && { why }),
      });
      output.data({
        results,
        ...(explanation && { explanation: explanationBody(explanation) }),
        took_ms: tenths(tookMs),
      });
      for (const [index, passage] of results.entries()) {
        print(output, passage, index + 1);
        if (explanation) printHitExplanation(output, present(explanation.hits[index], "the explanation of a hit"));
        output.line();
      }
      if (explanation) printExplanation(output, explanation);
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
}
