import { readFileSync } from "node:fs";
import { openAnswerEngine } from "../../compose/answers.ts";
import { openQueryEngine } from "../../compose/engine.ts";
import { wholeAnswer } from "../../core/answer/answer.ts";
import type { Abstention, Answer, AnswerSentence } from "../../core/answer/types.ts";
import { fileName } from "../../core/file-name.ts";
import type { PassageSource } from "../../core/retrieve-types.ts";
import { answerBody } from "../../http/schemas/answer.ts";
import type { Command, Invocation } from "../command.ts";
import { duration, type Output, readable, visible } from "../terminal/output.ts";
import { conditionsOf, filterHelp, filterOf, filterOptions } from "./filter-options.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

export const askCommand: Command = {
  name: "ask",
  summary: "answer a question in sentences that cite the documents word for word",
  usage: 'ask "<question>" [options]',
  options: { ...storeOption, ...filterOptions },
  optionHelp: { ...storeHelp, ...filterHelp },
  examples: ['isthmus ask "how long are backups kept?"', 'isthmus ask "which ports are open?" --prefix ./docs --json'],
  positionals: [1, 1],
  tooMany: (words) => `Quote the question: isthmus ask ${JSON.stringify(words.join(" "))}.`,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const question = invocation.positionals[0] === "-" ? readFileSync(0, "utf8") : (invocation.positionals[0] ?? "");
  const metadata = conditionsOf(invocation);
  const runtime = await runtimeOf(invocation, settingsOf(invocation));
  try {
    const engine = await openQueryEngine(runtime);
    try {
      const filter = await filterOf(engine, invocation, metadata);
      const { answerer, close } = await openAnswerEngine(runtime, engine.reader);
      try {
        const answer = await wholeAnswer(answerer.answer({ question, ...(filter && { filter }) }));
        output.data(answerBody(answer));
        print(output, answer);
        return 0;
      } finally {
        await close();
      }
    } finally {
      await engine.close();
    }
  } finally {
    await runtime.close();
  }
}

const abstentions: Readonly<Record<Abstention, string>> = {
  nothing_found: "Nothing was found.",
  not_answerable: "The documents do not say.",
  nothing_verified: "The documents do not say: nothing that was written could be verified.",
};

function print(output: Output, answer: Answer): void {
  for (const sentence of answer.sentences) printSentence(output, sentence);
  if (answer.abstained !== undefined) {
    output.line(output.style("bold", abstentions[answer.abstained]));
    if (answer.passages.length > 0) output.line("The nearest passages:");
    for (const { source } of answer.passages.slice(0, 3)) output.line(output.style("cyan", `   ${placeOf(source)}`));
  }
  output.line(output.style("dim", `in ${duration(answer.timings.tookMs)}`));
}

function printSentence(output: Output, { text, basis, citations }: AnswerSentence): void {
  output.line(output.style("bold", visible(text.replace(/\s+/g, " "))));
  for (const { quote, source } of citations) {
    if (basis === "supported") output.line(`   “${visible(quote.replace(/\s+/g, " "))}”`);
    output.line(output.style("cyan", `   ${placeOf(source)}`));
  }
  output.line();
}

function placeOf({ uri, title, heading, start, end }: PassageSource): string {
  const parts = [title || fileName(uri), readable(uri), heading].filter((part) => part !== "").map(visible);
  return `${parts.join("  §  ")}  [${start}–${end}]`;
}
