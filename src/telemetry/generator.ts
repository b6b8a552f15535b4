import type { Answerer } from "../core/answer/types.ts";
import type { Generator } from "../core/ports.ts";
import type { Instruments } from "./instruments.ts";
import type { Attributes } from "./span.ts";
import { observed } from "./streams.ts";
import { errorType, type Tracer } from "./tracer.ts";

export interface GeneratorObserver {
  /** The whole of an answer: its search, the weighing of what was found, the writing. */
  answerer(answerer: Answerer): Answerer;
  generator(generator: Generator): Generator;
}

/** Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/; neither question, passages nor answer are among them. */
export function createGeneratorObserver(tracer: Tracer, instruments: Instruments): GeneratorObserver {
  return {
    answerer: (answerer) => ({
      answer(request, signal) {
        const span = tracer.start("answer");
        let sentences = 0;
        // Also its making: a generator begins in the context of whoever asks for its first piece.
        return observed(
          tracer.within(span, () => answerer.answer(request, signal)),
          {
            within: (work) => tracer.within(span, work),
            item(event) {
              if (event.kind === "sentence") sentences++;
              else if (event.kind === "done") span.set("isthmus.abstained", event.end.abstained);
            },
            failed: (error) => span.fail(errorType(error)),
            ended: () => tracer.end(span.set("isthmus.sentences", sentences)),
          },
        );
      },
    }),
    generator: (generator) => ({
      ...generator,
      generate(request, signal) {
        const labels: Attributes = {
          "gen_ai.operation.name": "generate_content",
          "gen_ai.request.model": generator.name,
        };
        const span = tracer.start(`generate_content ${generator.name}`, {
          // The documents' own sentences are picked here.
          kind: generator.name === "extractive" ? "internal" : "client",
          attributes: { ...labels, "isthmus.passages": request.passages.length },
        });
        return observed(generator.generate(request, signal), {
          within: (work) => tracer.within(span, work),
          item(draft) {
            if (draft.kind !== "usage") return;
            const { inputTokens, outputTokens } = draft.usage;
            span.set("gen_ai.usage.input_tokens", inputTokens).set("gen_ai.usage.output_tokens", outputTokens);
            instruments.generatedTokens.add(inputTokens, { ...labels, "gen_ai.token.type": "input" });
            instruments.generatedTokens.add(outputTokens, { ...labels, "gen_ai.token.type": "output" });
            const { price } = generator;
            if (price === undefined) return;
            const dollars = (inputTokens * price.inputDollars + outputTokens * price.outputDollars) / 1_000_000;
            instruments.generatedDollars.add(dollars, labels);
          },
          failed(error) {
            labels["error.type"] = errorType(error);
            span.fail(errorType(error));
          },
          ended() {
            if (span.ended) return;
            tracer.end(span);
            instruments.generate.record(span.tookMs / 1000, labels, span);
          },
        });
      },
    }),
  };
}
