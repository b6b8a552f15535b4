import type { StoreReader } from "./ports.ts";
import type { DocumentVerdict } from "./retrieve-types.ts";
import type { Hit, ManifestEntry, SearchQuery } from "./types.ts";

/** How deep a document is looked for among all others: what stores search at most. */
const deep = 1_000;
/** Passages of the document itself that are looked at where it is further down. */
const ownPassages = 100;

/** Says why a document is, or is not, among the results of a search. */
export async function why(
  asked: string,
  search: SearchQuery,
  reader: StoreReader,
  signal?: AbortSignal,
): Promise<DocumentVerdict> {
  const { entry, recordId } = await entryOf(asked, reader, signal);
  const verdict = (
    kind: DocumentVerdict["verdict"],
    reason: string,
    best?: DocumentVerdict["best"],
  ): DocumentVerdict => ({
    uri: asked,
    verdict: kind,
    reason,
    ...(best && { best }),
  });
  const { current, failure, uri } = entry;
  if (current === undefined || current.state === "deleted") {
    if (failure !== undefined) {
      const tried = `after ${failure.attempts} ${failure.attempts === 1 ? "attempt" : "attempts"}: ${failure.reason}`;
      return failure.state === "skipped"
        ? verdict("skipped", `It was passed over and is not in the index: ${failure.reason}`)
        : verdict("failed", `It could not be read and is not in the index, ${tried}`);
    }
    return current === undefined
      ? verdict("unknown", "The index does not know it. Check the URI, or whether its place is ingested.")
      : verdict("deleted", `It was removed from the index on ${current.committedAt}.`);
  }
  if (current.chunks === 0) return verdict("empty", "It is in the index and holds no text to find.");
  if (search.filter?.uri !== undefined && !uri.startsWith(search.filter.uri)) {
    return verdict("filtered", "The filter leaves it out: its URI does not begin as filter.uri says.");
  }
  const isIts = (hit: Hit) => hit.uri === uri && (recordId === undefined || hit.recordId === recordId);
  const ranked = await reader.search({ ...search, limit: deep }, signal);
  const at = ranked.findIndex(isIts);
  const best = ranked[at];
  if (best !== undefined) {
    const shown = bestOf(best, at + 1);
    if (at < search.limit) return verdict("found", `Its best passage is number ${at + 1}.`, shown);
    const last = ranked[search.limit - 1];
    const cut = last === undefined ? "" : `; the last one shown has ${last.score.toPrecision(3)}`;
    const reason = `Its best passage is number ${at + 1} of all, with a score of ${best.score.toPrecision(3)}${cut}.`;
    return verdict("outranked", reason, shown);
  }
  const own = async (filter: SearchQuery["filter"]) =>
    (await reader.search({ ...search, limit: ownPassages, filter: { ...filter, uri } }, signal)).find(isIts);
  const further = await own(search.filter);
  if (further !== undefined) {
    return verdict("far", `None of its passages is among the best ${deep}.`, bestOf(further));
  }
  const { filter } = search;
  if ((filter?.metadata !== undefined || filter?.range !== undefined) && (await own(undefined)) !== undefined) {
    return verdict("filtered", "The filter leaves it out: its metadata are not as the filter wants them.");
  }
  return search.mode === "keyword"
    ? verdict("no_word", "None of the words that are looked for occurs in it.")
    : verdict("far", `None of its passages is among the best ${deep}.`);
}

/** Marks of records that are looked behind; archives lie in archives less deep than that. */
const mostNamed = 20;

/**
 * Of the URI as it stands, or of the file of a record that it names. As printed, the name of a record may have such marks itself
 * (`docs.zip#data/list.csv#2`), and so may that of a file: the longest that is known counts.
 */
async function entryOf(
  asked: string,
  reader: StoreReader,
  signal: AbortSignal | undefined,
): Promise<{ readonly entry: ManifestEntry; readonly recordId?: string }> {
  const files = [...asked.matchAll(/(?<!^)#/g)].map(({ index }) => asked.slice(0, index)).reverse();
  const entries = await reader.entries([asked, ...files].slice(0, mostNamed), signal);
  const [whole = { uri: asked }] = entries;
  const entry = entries.find(({ current, failure }) => current !== undefined || failure !== undefined) ?? whole;
  return entry.uri === asked ? { entry } : { entry, recordId: decoded(asked.slice(entry.uri.length + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bestOf({ score, rankings, heading, ordinal }: Hit, rank?: number): NonNullable<DocumentVerdict["best"]> {
  return { ...(rank !== undefined && { rank }), score, rankings, heading, ordinal };
}
