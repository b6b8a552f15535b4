import { IsthmusError, present } from "../errors.ts";
import type { Analyzer, Embedder, StoreReader } from "../ports.ts";
import { createFinder, queryLimits, toPassage } from "../retrieve.ts";
import type { Passage } from "../retrieve-types.ts";
import { passagesRead } from "./candidates.ts";
import { hitsWanted, weighEvidence } from "./evidence.ts";
import { fitPassages } from "./fitting.ts";
import type {
  Answer,
  AnswerEnd,
  AnswerEvent,
  Answerer,
  AnswerSentence,
  GenerationRequest,
  TokenPrice,
  TokenUsage,
} from "./types.ts";
import { answerable as shipped } from "./weights.ts";
import { createWriter, type Tally, type WriterParts } from "./writer.ts";

/** Bounds of an answer, the same at every door. */
export const answerLimits = {
  maxSentences: 5,
  /** Passages that are looked at for an answer, where a generator does not want more. */
  passages: passagesRead,
} as const;

/** Answers questions in sentences that were held to the passages: retrieve, weigh, generate, verify, decide. */
export function createAnswerer(
  parts: WriterParts & {
    readonly embedder: Embedder;
    readonly analyzer: Analyzer;
    readonly reader: StoreReader;
    /** The least answerability that gets an answer; for those who measure it. */
    readonly answerable?: number;
  },
): Answerer {
  const { embedder, generator, answerable = shipped } = parts;
  const { maxPassages = answerLimits.passages, maxOutputTokens } = generator.limits;
  const find = createFinder(parts);
  const { write } = createWriter(parts);

  async function* answer(
    request: Parameters<Answerer["answer"]>[0],
    signal?: AbortSignal,
  ): AsyncGenerator<AnswerEvent> {
    checkQuestion(request.question);
    const started = performance.now();
    const query = {
      query: request.question,
      k: hitsWanted,
      ...(request.filter && { filter: request.filter }),
    };
    const found = await find(query, signal);
    const hits = found.hits.slice(0, Math.max(answerLimits.passages, maxPassages)).map(toPassage);
    const given = fitPassages(hits, generator.limits, maxPassages, await embedder.load(signal));
    const passages = hits.slice(0, Math.max(answerLimits.passages, given.length));
    yield { kind: "passages", passages };
    const searched = performance.now();
    const question = { text: request.question, vector: present(found.vector, "the vector of the question") };
    const { sentences, answerability } = await weighEvidence(question, found.hits, parts, signal);
    const weighed = performance.now();
    const tally = createTally(generator.name);
    const end = (abstained?: AnswerEnd["abstained"]): AnswerEvent => ({
      kind: "done",
      end: {
        ...(abstained && { abstained }),
        answerability,
        dropped: tally.dropped,
        usage: { ...tally.usage, ...dollarsOf(tally.usage, generator.price) },
        generator: tally.writer,
        ...(tally.degraded !== undefined && { degraded: tally.degraded }),
        timings: {
          searchMs: searched - started,
          evidenceMs: weighed - searched,
          generateMs: performance.now() - weighed,
          tookMs: performance.now() - started,
        },
      },
    });
    if (passages.length === 0) return yield end("nothing_found");
    if (answerability < answerable) return yield end("not_answerable");
    const generation: GenerationRequest = {
      question: request.question,
      passages: given,
      evidence: sentences,
      maxSentences: answerLimits.maxSentences,
      maxOutputTokens,
    };
    const tokens = tokensOf(generation);
    const writing = { request: generation, passages, caller: request.caller ?? "", tokens };
    for await (const sentence of write(writing, tally, signal)) yield { kind: "sentence", sentence };
    yield end(tally.kept > 0 ? undefined : tally.declined ? "not_answerable" : "nothing_verified");
  }

  return { answer };
}

function checkQuestion(question: string): void {
  const { maxCharacters } = queryLimits;
  const says =
    question.trim() === ""
      ? "The question is empty; ask in 1 to 2,000 characters."
      : `The question has ${question.length} characters; ask in at most ${maxCharacters}.`;
  if (question.trim() === "" || question.length > maxCharacters) {
    throw new IsthmusError("query_invalid", says, { field: "question" });
  }
}

function createTally(writer: string): Tally {
  return {
    kept: 0,
    declined: false,
    usage: { inputTokens: 0, outputTokens: 0 },
    writer,
    degraded: undefined,
    dropped: { unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 },
  };
}

/** Tokens of our own instructions, about. */
const instructionTokens = 500;

/** What a request will take at most, about: four characters count as a token. */
function tokensOf({ question, passages, maxOutputTokens }: GenerationRequest): number {
  const characters = passages.reduce((sum, { title, heading, content }) => {
    return sum + title.length + heading.length + content.length;
  }, question.length);
  return instructionTokens + Math.ceil(characters / 4) + maxOutputTokens;
}

function dollarsOf(usage: TokenUsage, price: TokenPrice | undefined): { readonly dollars?: number } {
  if (price === undefined) return {};
  return { dollars: (usage.inputTokens * price.inputDollars + usage.outputTokens * price.outputDollars) / 1e6 };
}

/** The whole answer, when its last sentence is out. */
export async function wholeAnswer(events: AsyncIterable<AnswerEvent>): Promise<Answer> {
  let passages: readonly Passage[] = [];
  const sentences: AnswerSentence[] = [];
  let end: AnswerEnd | undefined;
  for await (const event of events) {
    if (event.kind === "passages") passages = event.passages;
    else if (event.kind === "sentence") sentences.push(event.sentence);
    else end = event.end;
  }
  return { passages, sentences, ...present(end, "the end of an answer") };
}
