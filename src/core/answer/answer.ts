import { IsthmusError, present } from "../errors.ts";
import type { Analyzer, Embedder, Generator, StoreReader } from "../ports.ts";
import { createFinder, queryLimits, toPassage } from "../retrieve.ts";
import type { Passage } from "../retrieve-types.ts";
import { hitsWanted, passagesRead, weighEvidence } from "./evidence.ts";
import type {
  Answer,
  AnswerEnd,
  AnswerEvent,
  Answerer,
  AnswerSentence,
  Dropped,
  GenerationRequest,
  TokenUsage,
} from "./types.ts";
import { createVerifier } from "./verify.ts";
import { answerable as shipped } from "./weights.ts";

/** Bounds of an answer, the same at every door. */
export const answerLimits = {
  maxSentences: 5,
  /** Passages that are looked at for an answer. */
  passages: passagesRead,
} as const;

/** Answers questions in sentences that were held to the passages: retrieve, weigh, generate, verify, decide. */
export function createAnswerer(parts: {
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly reader: StoreReader;
  readonly generator: Generator;
  /** The least answerability that gets an answer; for those who measure it. */
  readonly answerable?: number;
}): Answerer {
  const { generator, answerable = shipped } = parts;
  const find = createFinder(parts);

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
    const passages = found.hits.slice(0, answerLimits.passages).map(toPassage);
    yield { kind: "passages", passages };
    const searched = performance.now();
    const question = { text: request.question, vector: present(found.vector, "the vector of the question") };
    const { sentences, answerability } = await weighEvidence(question, found.hits, parts, signal);
    const weighed = performance.now();
    const end = (rest: Pick<AnswerEnd, "dropped" | "usage" | "abstained">): AnswerEvent => ({
      kind: "done",
      end: {
        ...rest,
        answerability,
        generator: generator.name,
        timings: {
          searchMs: searched - started,
          evidenceMs: weighed - searched,
          generateMs: performance.now() - weighed,
          tookMs: performance.now() - started,
        },
      },
    });
    if (passages.length === 0) return yield end({ abstained: "nothing_found", ...nothing });
    if (answerability < answerable) return yield end({ abstained: "not_answerable", ...nothing });
    const generation: GenerationRequest = {
      question: request.question,
      passages: passages.map(({ content, source: { title, heading } }, at) => ({
        number: at + 1,
        title,
        heading,
        content,
      })),
      evidence: sentences,
      maxSentences: answerLimits.maxSentences,
      maxOutputTokens: generator.limits.maxOutputTokens,
    };
    const tally = createTally();
    for await (const sentence of verified(generation, passages, tally, signal)) yield { kind: "sentence", sentence };
    const { kept, declined, dropped, usage } = tally;
    const abstained =
      kept > 0 ? {} : { abstained: declined ? ("not_answerable" as const) : ("nothing_verified" as const) };
    yield end({ dropped, usage, ...abstained });
  }

  /** The drafted sentences that hold, as they come. */
  async function* verified(
    generation: GenerationRequest,
    passages: readonly Passage[],
    tally: Tally,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AnswerSentence> {
    const verify = createVerifier(passages);
    for await (const draft of generator.generate(generation, signal)) {
      if (draft.kind === "usage") tally.usage = draft.usage;
      else if (draft.kind === "declined") tally.declined = true;
      else if (draft.kind === "garbled") tally.dropped.garbled += 1;
      else if (tally.kept >= generation.maxSentences) {
        tally.dropped.surplus += 1;
        return;
      } else {
        const verdict = verify(draft.text, draft.quotes);
        if ("dropped" in verdict) tally.dropped[verdict.dropped] += 1;
        else {
          tally.kept += 1;
          yield verdict.sentence;
        }
      }
    }
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

interface Tally {
  kept: number;
  declined: boolean;
  usage: TokenUsage;
  readonly dropped: { -readonly [Reason in keyof Dropped]: number };
}

function createTally(): Tally {
  return { kept: 0, declined: false, usage: nothing.usage, dropped: { ...nothing.dropped } };
}

const nothing = {
  dropped: { unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 },
  usage: { inputTokens: 0, outputTokens: 0 },
} as const satisfies Pick<AnswerEnd, "dropped" | "usage">;

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
