import { languageMark, toldLanguages } from "../adapters/lexical/language-mark.ts";
import type { StoreReader } from "../core/ports.ts";

const searchesInFlight = 8;

/**
 * Which languages other than English the documents under a prefix are in, by ISO 639-1: those of which a chunk bears the mark.
 *
 * @param uri prefix of the documents' URIs; "" for all.
 */
export async function languagesIn(reader: StoreReader, uri: string, signal?: AbortSignal): Promise<string[]> {
  const filter = uri === "" ? {} : { filter: { uri } };
  const holds = async (language: string): Promise<boolean> => {
    const terms = [languageMark(language)];
    return (await reader.search({ mode: "keyword", limit: 1, terms, ...filter }, signal)).length > 0;
  };
  const found: string[] = [];
  for (let from = 0; from < toldLanguages.length; from += searchesInFlight) {
    const asked = toldLanguages.slice(from, from + searchesInFlight);
    const held = await Promise.all(asked.map(holds));
    found.push(...asked.filter((_, at) => held[at]));
  }
  return found;
}

/** As people call them in English: `German and Thai`. */
export function languageNames(languages: readonly string[]): string {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const list = new Intl.ListFormat("en", { type: "conjunction" });
  return list.format(languages.map((language) => names.of(language) ?? language).sort());
}
