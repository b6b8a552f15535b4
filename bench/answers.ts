import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { present } from "../src/core/errors.ts";
import {
  beginStream,
  endStream,
  type LanguageModelEndpoint,
  sendText,
  startEndpoint,
} from "../test/support/language-model.ts";
import type { Bench } from "./bench.ts";
import { alternate, type Contestant } from "./harness.ts";
import { runIsthmus } from "./isthmus.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { type Served, startServed } from "./served.ts";
import { percentile, spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";

const questionsFile = join(import.meta.dirname, "..", "eval", "docs-answers", "queries.jsonl");
const passages = "passages, /query";
const extractive = "answer without a model, /answer";
const modelled = "answer of a model, /answer, streamed";
/** What a model still writes after its first sentence, so that the end cannot be taken for it. */
const pauseMs = 100;

export const answersBench: Bench = {
  name: "answers",
  summary: "answers without a model beside passages alone, 10,000 chunks; and how soon a model's sentence is passed on",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 10_000;
      const lines = join(scratch, "passages.txt");
      const dataDir = join(scratch, "data");
      await writeFile(lines, (await makeTexts(count, passageWords, options.corpus)).join("\n"));
      progress.tell(`ingesting ${count} passages`);
      const environment = { ISTHMUS_WORKERS: String(options.cores) };
      await runIsthmus(["ingest", lines, "--json"], dataDir, { ...environment, DOCUMENT_FORMAT: "lines" });
      const questions = await readQuestions();
      progress.tell("starting the servers");
      const model = await startModel();
      const servers: Served[] = [];
      try {
        const plain = await startServed(dataDir, environment);
        servers.push(plain);
        const generator = { ISTHMUS_GENERATOR: "openai:bench", ISTHMUS_GENERATOR_URL: model.endpoint.url };
        const written = await startServed(dataDir, {
          ...environment,
          ...generator,
          ISTHMUS_GENERATOR_DAILY_TOKENS: "1000000000",
        });
        servers.push(written);
        const answered = await measureAnswers(plain.url, questions, options.rounds ?? 5, progress);
        progress.tell("the first sentences of a model");
        const firsts = await measureFirsts(written.url, questions, model);
        const ratio = answered.find(({ measure }) => measure === "more than passages, p50");
        const p50 = percentile(firsts, 50);
        return {
          bench: "answers",
          parameters: {
            chunks: count,
            questions: questions.length,
            first_sentences: firsts.length,
            cores: options.cores,
          },
          figures: [
            ...answered,
            { subject: modelled, measure: "first sentence after the model sent it, p50", unit: "ms", samples: [p50] },
            { subject: modelled, measure: "the same, p99", unit: "ms", samples: [percentile(firsts, 99)] },
          ],
          budgets: [
            {
              what: "answer without a model over passages, p50",
              bound: "at most",
              limit: 60,
              unit: "ms",
              measured: spread(ratio?.samples ?? []).median,
            },
            { what: "a model's first sentence passed on, p50", bound: "at most", limit: 20, unit: "ms", measured: p50 },
          ],
          notes: [
            "isthmus serve on the embedded store; one question at a time; the questions are those of eval/docs-answers",
            "the model is an OpenAI-compatible endpoint in the bench's own process that copies a sentence of the first passage",
          ],
        };
      } finally {
        for (const server of servers) await server.stop();
        await model.endpoint.close();
      }
    }),
};

async function readQuestions(): Promise<string[]> {
  const line = z.object({ text: z.string() });
  const text = await readFile(questionsFile, "utf8");
  return text
    .trim()
    .split("\n")
    .map((each) => line.parse(JSON.parse(each)).text);
}

/** The same questions to both, question by question in each round, and by how much the median of the one is above that of the other. */
async function measureAnswers(
  url: string,
  questions: readonly string[],
  rounds: number,
  progress: Parameters<Bench["run"]>[1],
): Promise<Figure[]> {
  const query = (question: string) => post(`${url}/query`, { query: question });
  const answer = (question: string) => post(`${url}/answer`, { question });
  progress.tell("warming up");
  for (const question of questions) {
    await query(question);
    await answer(question);
  }
  const contestants = (
    [
      [passages, query],
      [extractive, answer],
    ] as const
  ).map(
    ([name, ask]): Contestant => ({
      name,
      async run() {
        const times: number[] = [];
        for (const question of questions) {
          const begin = performance.now();
          await ask(question);
          times.push(performance.now() - begin);
        }
        return { p50: percentile(times, 50), p99: percentile(times, 99) };
      },
    }),
  );
  const figures = await alternate(contestants, rounds, { p50: "ms", p99: "ms" }, progress);
  const p50 = (subject: string) =>
    figures.find((figure) => figure.subject === subject && figure.measure === "p50")?.samples ?? [];
  const less = p50(passages);
  const more = p50(extractive).map((sample, round) => sample - (less[round] ?? Number.NaN));
  return [...figures, { subject: extractive, measure: "more than passages, p50", unit: "ms", samples: more }];
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered with ${response.status}: ${text}`);
}

interface Model {
  readonly endpoint: LanguageModelEndpoint;
  /** When it sent the end of its last answer's first sentence; undefined when it was not asked. */
  takeSent(): number | undefined;
}

/** Writes a sentence of the first passage under its quote, pauses, and ends. */
async function startModel(): Promise<Model> {
  let sent: number | undefined;
  const endpoint = await startEndpoint(async (response, { material }) => {
    const content = /<passage 1 (\w+)>\n(?<content>.*?)\n<\/passage 1 \1>/su.exec(material)?.groups?.["content"] ?? "";
    const sentence = content.split(/(?<=[.!?])\s+/u).find((each) => each.split(" ").length > 5) ?? content;
    const plain = sentence.replaceAll(/\s+/gu, " ");
    beginStream(response);
    sendText(response, `Q1: ${plain}\nS: ${plain}`);
    sendText(response, "\n");
    sent = performance.now();
    await wait(pauseMs);
    sendText(response, "END\n");
    endStream(response);
  });
  return {
    endpoint,
    takeSent() {
      const last = sent;
      sent = undefined;
      return last;
    },
  };
}

/** Milliseconds from the end of a model's first sentence to its event at the reader, for each question that a model was asked. */
async function measureFirsts(url: string, questions: readonly string[], { takeSent }: Model): Promise<number[]> {
  const times: number[] = [];
  for (const question of [...questions.slice(0, 8), ...questions]) {
    const response = await fetch(`${url}/answer`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ question }),
    });
    let text = "";
    let arrived: number | undefined;
    for await (const piece of present(response.body, "an answer's body").pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (arrived === undefined && /^event: sentence$/m.test(text)) arrived = performance.now();
    }
    if (response.status !== 200 || text.includes("event: problem")) throw new Error(`An answer failed: ${text}`);
    const sent = takeSent();
    if (sent !== undefined && arrived !== undefined) times.push(arrived - sent);
  }
  // The first few warm it up.
  if (times.length < 12) throw new Error(`A model was asked for ${times.length} of the questions: too few to tell.`);
  return times.slice(4);
}
