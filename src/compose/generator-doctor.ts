import type { GeneratorSettings } from "../config/generator.ts";
import type { GenerationRequest } from "../core/answer/types.ts";
import { createVerifier } from "../core/answer/verify.ts";
import { IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { Passage } from "../core/retrieve-types.ts";
import type { Finding } from "./finding.ts";
import { openWriter } from "./generator.ts";

const content = "Backups are kept for 30 days. They lie in another region.";
const passage: Passage = {
  content,
  score: 1,
  source: {
    uri: "doctor:passage",
    title: "Backups",
    heading: "",
    start: 0,
    end: content.length,
    ordinal: 0,
    version: "1",
    metadata: {},
  },
};
const request: GenerationRequest = {
  question: "How long are backups kept?",
  passages: [{ number: 1, title: "Backups", heading: "", content }],
  evidence: [],
  maxSentences: 2,
  maxOutputTokens: 100,
};

/** Asks the language model one small question (about 600 tokens) and holds its answer to the passage. */
export async function diagnoseGenerator(settings: GeneratorSettings, signal?: AbortSignal): Promise<Finding> {
  const check = "language model";
  try {
    const { generator, close } = await openWriter(settings);
    try {
      const started = performance.now();
      const clock = AbortSignal.timeout(settings.timeoutMs);
      const verify = createVerifier([passage], request.question);
      let held = 0;
      for await (const draft of generator.generate(request, signal ? AbortSignal.any([signal, clock]) : clock)) {
        if (draft.kind === "sentence" && "sentence" in verify(draft.text, draft.quotes)) held += 1;
      }
      const took = `${settings.provider}:${settings.model} answered in ${Math.round(performance.now() - started)} ms`;
      const price = generator.price === undefined ? "its price is not known" : `priced as of ${generator.price.asOf}`;
      if (held > 0) return { check, level: "ok", found: `${took}, and its answer could be verified; ${price}` };
      return {
        check,
        level: "warning",
        found: `${took}, but nothing of its answer could be verified`,
        advice: "Take a larger model: this one does not keep to the form, or makes its quotes up (docs/answers.md).",
      };
    } finally {
      await close();
    }
  } catch (thrown) {
    signal?.throwIfAborted();
    const late = thrown instanceof DOMException && thrown.name === "TimeoutError";
    const error = late
      ? new IsthmusError("generator_unavailable", `The language model did not answer within ${settings.timeoutMs} ms.`)
      : toIsthmusError(thrown);
    const advice =
      settings.fallback === "extractive" ? "Until then the documents answer, and say `degraded`." : undefined;
    return { check, level: "error", found: error.message, ...(advice !== undefined && { advice }) };
  }
}
