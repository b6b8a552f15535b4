import { readFileSync } from "node:fs";
import { openAnswerEngine } from "../../compose/answers.ts";
import { openQueryEngine } from "../../compose/query-engine.ts";
import { wholeAnswer } from "../../core/answer/answer.ts";
import type { Abstention, Answer, AnswerEvent, AnswerSentence } from "../../core/answer/types.ts";
import { fileName } from "../../core/file-name.ts";
import type { PassageSource } from "../../core/retrieve-types.ts";
import { answerBody } from "../../http/answer-body.ts";
import type { Command, Invocation } from "../command.ts";
import { isMarkdown, markdownLines } from "../terminal/markdown.ts";
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
      const { answerer, close } = await openAnswerEngine(runtime, engine.reader, {
        onDegraded: (error) => output.note(`isthmus: ${error.message}`),
      });
      try {
        const events = answerer.answer({ question, ...(filter && { filter }) });
        const answer = await wholeAnswer(telling(events, (sentence) => printSentence(output, sentence)));
        output.data(answerBody(answer));
        printEnd(output, answer);
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

/** The same events; each sentence is told as soon as it is there. */
async function* telling(
  events: AsyncIterable<AnswerEvent>,
  tell: (sentence: AnswerSentence) => void,
): AsyncGenerator<AnswerEvent> {
  for await (const event of events) {
    if (event.kind === "sentence") tell(event.sentence);
    yield event;
  }
}

function printEnd(output: Output, answer: Answer): void {
  if (answer.abstained !== undefined) {
    output.line(output.style("bold", abstentions[answer.abstained]));
    if (answer.passages.length > 0) output.line("The nearest passages:");
    for (const { source } of answer.passages.slice(0, 3)) output.line(output.style("cyan", `   ${placeOf(source)}`));
  }
  if (answer.degraded !== undefined) output.line(output.style("yellow", degradation(answer)));
  output.line(output.style("dim", [`in ${duration(answer.timings.tookMs)}`, ...costOf(answer)].join(", ")));
}

function degradation({ degraded, generator }: Answer): string {
  return generator === "extractive"
    ? `The language model failed (${degraded}); these are the documents' own sentences.`
    : `The language model's answer is cut short (${degraded}).`;
}

/** Nothing where no model was asked. */
function costOf({ usage, generator }: Answer): string[] {
  if (usage.inputTokens + usage.outputTokens === 0) return [];
  const tokens = `${usage.inputTokens} tokens in, ${usage.outputTokens} out${usage.estimated === true ? " (estimated)" : ""}`;
  return [generator, tokens, ...(usage.dollars === undefined ? [] : [`$${usage.dollars.toPrecision(2)}`])];
}

function printSentence(output: Output, { text, basis, citations }: AnswerSentence): void {
  // A model writes Markdown whatever it has read.
  const marked = basis === "supported" || citations.every(({ source }) => isMarkdown(source.uri));
  for (const line of marked ? markdownLines(text) : text.split("\n")) output.line(output.style("bold", visible(line)));
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
