import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import { createFormReader } from "../../../core/answer/form.ts";
import { promptOf } from "../../../core/answer/prompt.ts";
import type { Draft, GenerationRequest, TokenPrice, TokenUsage } from "../../../core/answer/types.ts";
import { IsthmusError } from "../../../core/errors.ts";
import { lazily } from "../../../core/lazy.ts";
import type { Generator } from "../../../core/ports.ts";
import { failureOf } from "./failures.ts";
import { type Dialect, type ModelPlace, openModel, whereOf } from "./model.ts";

export interface LanguageModelOptions {
  readonly place: ModelPlace;
  readonly limits: Generator["limits"];
  readonly price?: TokenPrice;
}

/** Characters of a token, where a provider does not tell how many there were. */
const charactersOfToken = 4;
/** Characters that a model may write for each token it may; a server that does not keep to the limit is cut off here. */
const mostCharactersOfToken = 8;
/** What may still come after the model has ended: characters, and milliseconds, for the provider to tell what it cost. */
const afterEnd = { characters: 200, milliseconds: 1_000 } as const;

/**
 * Has a language model write the answer, in the form of `core/answer/form.ts`. One request a call; it tries nothing again, and verifies nothing.
 * The provider's client is loaded by the first call.
 */
export function createLanguageModel({ place, limits, price }: LanguageModelOptions): Generator {
  const where = whereOf(place);
  let dialect: Dialect = "usual";
  const opening = lazily(
    `The client of ${place.provider}`,
    () => openModel(place, () => dialect),
    async () => {},
  );

  async function open(prompt: ReturnType<typeof promptOf>, maxOutputTokens: number, abortSignal: AbortSignal) {
    const model = await opening.get(abortSignal);
    const ask = () =>
      model.doStream({
        prompt: [
          { role: "system", content: prompt.instructions },
          { role: "user", content: [{ type: "text", text: prompt.material }] },
        ],
        maxOutputTokens,
        ...(dialect === "usual" && { temperature: 0 }),
        abortSignal,
      });
    try {
      return await ask();
    } catch (thrown) {
      // Not the same again: models that think refuse a temperature and the old name of the limit.
      if (dialect === "reasoning" || failureOf(thrown, place, where).code !== "generator_rejected") throw thrown;
      dialect = "reasoning";
      try {
        return await ask();
      } catch (second) {
        dialect = "usual";
        throw second;
      }
    }
  }

  async function* generate(request: GenerationRequest, signal?: AbortSignal): AsyncGenerator<Draft> {
    signal?.throwIfAborted();
    const prompt = promptOf(request);
    const stopping = new AbortController();
    const stop = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
    try {
      const { stream, response } = await open(prompt, request.maxOutputTokens, stop);
      const type = response?.headers?.["content-type"];
      if (type !== undefined && /html|text\/plain/i.test(type)) {
        throw new IsthmusError(
          "generator_misconfigured",
          `${where} answered ${type.slice(0, 40)}, not a stream. Check the address.`,
        );
      }
      yield* draftsOf(stream, request.maxOutputTokens, prompt, stopping, where);
    } catch (thrown) {
      signal?.throwIfAborted();
      throw failureOf(thrown, place, where);
    } finally {
      stopping.abort();
    }
  }

  return { name: place.model, limits, ...(price !== undefined && { price }), generate, close: () => opening.close() };
}

async function* draftsOf(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  maxOutputTokens: number,
  prompt: ReturnType<typeof promptOf>,
  stopping: AbortController,
  where: string,
): AsyncGenerator<Draft> {
  const reader = createFormReader();
  const most = maxOutputTokens * mostCharactersOfToken;
  let written = 0;
  let writtenAtEnd: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let usage: TokenUsage | undefined;
  let whole = false;
  let cut = false;
  try {
    for await (const part of stream) {
      if (part.type === "error") throw part.error;
      if (part.type === "text-delta" || part.type === "reasoning-delta") written += part.delta.length;
      if (part.type === "text-delta") yield* reader.push(part.delta);
      if (part.type === "finish") {
        usage = told(part.usage);
        whole = part.finishReason.unified === "stop";
        cut = !whole;
      }
      if (written > most) {
        cut = true;
        break;
      }
      if (!reader.ended) continue;
      writtenAtEnd ??= written;
      timer ??= setTimeout(() => stopping.abort(), afterEnd.milliseconds);
      if (written - writtenAtEnd > afterEnd.characters) break;
    }
  } catch (thrown) {
    // It had ended by its own word; what happens to the stream after that is nobody's loss.
    if (!reader.ended) throw thrown;
  } finally {
    clearTimeout(timer);
  }
  const ended = reader.ended;
  if (cut && written === 0) {
    throw new IsthmusError("generator_unavailable", `${where} ended before it had written anything. Try again later.`);
  }
  yield* reader.end(whole);
  if (cut && !ended) yield { kind: "cut" };
  const characters = prompt.instructions.length + prompt.material.length;
  yield { kind: "usage", usage: usage ?? estimated(characters, written) };
}

function told({ inputTokens, outputTokens }: LanguageModelV4Usage): TokenUsage | undefined {
  const [input, output] = [inputTokens.total, outputTokens.total];
  // No prompt has no tokens: such a provider does not count.
  const known = Number.isSafeInteger(input) && Number(input) > 0 && Number.isSafeInteger(output) && Number(output) >= 0;
  return known ? { inputTokens: Number(input), outputTokens: Number(output) } : undefined;
}

function estimated(asked: number, written: number): TokenUsage {
  const tokens = (characters: number) => Math.ceil(characters / charactersOfToken);
  return { inputTokens: tokens(asked), outputTokens: tokens(written), estimated: true };
}
