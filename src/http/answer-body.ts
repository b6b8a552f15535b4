import type { Answer, AnswerEnd, AnswerSentence } from "../core/answer/types.ts";
import type { Passage } from "../core/retrieve-types.ts";

// Apart from the schemas that describe them: `isthmus ask` prints an answer without loading what checks one.

/** The fields of an answer that are known at its end, as they go over the wire. */
export function endBody({ abstained, answerability, generator, degraded, dropped, usage, timings }: AnswerEnd) {
  return {
    abstained: abstained !== undefined,
    ...(abstained !== undefined && { reason: abstained }),
    answerability: Math.round(answerability * 1000) / 1000,
    generator,
    degraded: degraded !== undefined,
    ...(degraded !== undefined && { degraded_reason: degraded }),
    dropped,
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      ...(usage.estimated === true && { estimated: true }),
      ...(usage.dollars !== undefined && { dollars: usage.dollars }),
    },
    took_ms: Math.round(timings.tookMs * 100) / 100,
  };
}

/** A whole answer as it goes over the wire, and out of `isthmus ask --json`. */
export function answerBody(answer: Answer) {
  const citations = answer.sentences.flatMap((sentence) => sentence.citations);
  let cited = 0;
  const sentences = answer.sentences.map((sentence: AnswerSentence) => {
    const from = cited;
    cited += sentence.citations.length;
    return { text: sentence.text, basis: sentence.basis, citations: sentence.citations.map((_, at) => from + at) };
  });
  return {
    answer: answer.sentences.map(({ text }) => text).join(" "),
    sentences,
    citations,
    ...endBody(answer),
    passages: answer.passages.map(passageBody),
  };
}

export function passageBody({ content, source, score }: Passage) {
  return { content, source, score };
}
