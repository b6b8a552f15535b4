import { createExtractiveGenerator } from "../adapters/generator/extractive.ts";
import type { ModelPlace } from "../adapters/generator/language-model/model.ts";
import type { GeneratorSettings } from "../config/generator.ts";
import { createTokenLedger } from "../core/answer/ledger.ts";
import type { TokenPrice } from "../core/answer/types.ts";
import type { WriterParts } from "../core/answer/writer.ts";
import { tokenPriceOf } from "../core/plan/prices.ts";
import type { Telemetry } from "./telemetry.ts";

/** The same, watched. */
export function watchedWriter<Parts extends WriterParts>(parts: Parts, telemetry: Telemetry | undefined): Parts {
  if (telemetry === undefined) return parts;
  const { generator, fallback } = parts;
  return {
    ...parts,
    generator: telemetry.generator(generator),
    ...(fallback && { fallback: telemetry.generator(fallback) }),
  };
}

/** What writes answers, with its bounds: the documents' own sentences, or a language model that they stand in for. */
export async function openWriter(
  settings: GeneratorSettings | undefined,
): Promise<WriterParts & { close(): Promise<void> }> {
  const extractive = createExtractiveGenerator();
  if (settings === undefined) return { generator: extractive, close: () => extractive.close() };
  const { maxPassages, maxPassageTokens, maxOutputTokens, maxConcurrency } = settings;
  // Who has no language model waits for nothing of one.
  const { createLanguageModel } = await import("../adapters/generator/language-model/language-model.ts");
  const price = await priceOf(settings);
  const generator = createLanguageModel({
    place: placeOf(settings),
    limits: { maxPassages, maxPassageTokens, maxOutputTokens, maxConcurrency },
    ...(price !== undefined && { price }),
  });
  return {
    generator,
    ...(settings.fallback === "extractive" && { fallback: extractive }),
    timeoutMs: settings.timeoutMs,
    ledger: createTokenLedger(settings.dailyTokens),
    close: () => generator.close(),
  };
}

function placeOf({ provider, model, url, apiKey, region, project }: GeneratorSettings): ModelPlace {
  switch (provider) {
    case "openai":
      return { provider, model, url: url ?? "", apiKey };
    case "bedrock":
      return { provider, model, region, url };
    case "vertex":
      return { provider, model, project, region, url };
  }
}

/** Undefined where nobody knows it; a price file that was named must be readable. */
async function priceOf({ model, provider, prices }: GeneratorSettings): Promise<TokenPrice | undefined> {
  const { loadPrices } = await import("./prices.ts");
  const list = await loadPrices(prices).catch((error: unknown) => {
    if (prices !== undefined) throw error;
    return undefined;
  });
  return list && tokenPriceOf(list, provider, model);
}
