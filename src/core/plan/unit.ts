/** What is counted of documents. */
export interface Counts {
  /** 1 for an ordinary document; of a file of many, those that can be used. */
  readonly records: number;
  readonly chunks: number;
  /** Of the chunks' own text, in UTF-16 code units. */
  readonly characters: number;
  /** Of what is embedded and kept for a chunk (title, heading, text) in UTF-8. */
  readonly textBytes: number;
  /** As the model reads them, special ones included. */
  readonly tokens: number;
}

export const measures = ["records", "chunks", "characters", "textBytes", "tokens"] as const satisfies (keyof Counts)[];

/** Some bytes of a stratum that were read, and what they gave. */
export interface Unit extends Counts {
  readonly bytes: number;
}

export const noCounts: Counts = { records: 0, chunks: 0, characters: 0, textBytes: 0, tokens: 0 };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    records: left.records + right.records,
    chunks: left.chunks + right.chunks,
    characters: left.characters + right.characters,
    textBytes: left.textBytes + right.textBytes,
    tokens: left.tokens + right.tokens,
  };
}

export function timesCounts(counts: Counts, factor: number): Counts {
  return {
    records: counts.records * factor,
    chunks: counts.chunks * factor,
    characters: counts.characters * factor,
    textBytes: counts.textBytes * factor,
    tokens: counts.tokens * factor,
  };
}

/** Several units as one. */
export function joinUnits(units: readonly Unit[]): Unit {
  return {
    ...units.reduce<Counts>(addCounts, noCounts),
    bytes: units.reduce((sum, unit) => sum + unit.bytes, 0),
  };
}
