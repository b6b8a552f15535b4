import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { IsthmusError } from "../../../core/errors.ts";
import { chunkId } from "../../../core/identity.ts";
import type { Store, StoreReader, StoreWriter } from "../../../core/ports.ts";
import type {
  Attempt,
  Commit,
  Committed,
  Hit,
  ManifestEntry,
  Metadata,
  ModelIdentity,
  StoredChunk,
} from "../../../core/types.ts";

/** Metadata keys that a store under test must be created with as range keys. */
export const CONTRACT_RANGE_KEYS = ["year", "published"] as const;

export interface StoreUnderTest {
  readonly store: Store;
  /** Removes all that the store keeps. */
  cleanup(): Promise<void>;
}

export interface StoreContract {
  /** A store of its own for each test, with nothing in it, that declares `CONTRACT_RANGE_KEYS`. */
  create(): Promise<StoreUnderTest>;
  /** At least 8 dimensions. */
  readonly identity: ModelIdentity;
  /** Tests this store cannot pass, by name, with the reason. A skip whose test would pass fails. */
  readonly skips?: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly store: Store;
  readonly identity: ModelIdentity;
  readonly writer: StoreWriter;
  readonly reader: StoreReader;
}

export type ContractTest = readonly [name: string, body: (bench: Bench) => Promise<void>];

/** Registers the tests of one group. */
export function register(contract: StoreContract, tests: readonly ContractTest[]): void {
  for (const [name, body] of tests) {
    const reason = contract.skips?.[name];
    test(reason === undefined ? name : `${name} (skipped: ${reason})`, async () => {
      if (reason === undefined) return await onBench(contract, body);
      await assert.rejects(onBench(contract, body), `"${name}" is skipped and passes: remove the skip`);
    });
  }
}

async function onBench(contract: StoreContract, body: (bench: Bench) => Promise<void>): Promise<void> {
  const { store, cleanup } = await contract.create();
  try {
    const writer = await store.openWriter(contract.identity);
    try {
      const reader = await store.openReader(contract.identity);
      try {
        await body({ store, identity: contract.identity, writer, reader });
      } finally {
        await reader.close();
      }
    } finally {
      await writer.close();
    }
  } finally {
    await cleanup();
  }
}

export function attempt(uri: string, generation = 1, rest: Partial<Attempt> = {}): Attempt {
  return { uri, order: { generation, reindex: 0 }, version: `v${generation}`, fingerprint: "f1", ...rest };
}

/** What commits an attempt. */
export function commitOf(of: Attempt, chunks: number, rest: Partial<Commit> = {}): Commit {
  return {
    uri: of.uri,
    order: of.order,
    version: of.version,
    fingerprint: of.fingerprint,
    state: "indexed",
    title: `title of ${of.uri}`,
    size: 10,
    contentType: "text/plain",
    updatedAt: "2026-01-01T00:00:00.000Z",
    committedAt: "2026-01-02T00:00:00.000Z",
    chunks,
    records: 1,
    faultCount: 0,
    faults: [],
    ...rest,
  };
}

export function tombstone(of: Attempt): Commit {
  return commitOf(of, 0, { state: "deleted" });
}

/** The entry without the names of attempts, which are drawn. */
export function unnamed(entry: ManifestEntry | undefined): unknown {
  if (entry?.current === undefined) return entry;
  const { attempt: _, ...current } = entry.current;
  return { ...entry, current };
}

export interface ChunkParts {
  readonly terms?: string;
  readonly content?: string;
  readonly metadata?: Metadata;
  readonly vector?: Float32Array;
  readonly recordId?: string;
  readonly title?: string;
  readonly heading?: string;
}

/** A chunk of the attempt, its id made from attempt and ordinal as the real ones are. */
export function chunk(of: Attempt, ordinal: number, dimensions: number, parts: ChunkParts = {}): StoredChunk {
  const id = chunkId(of, ordinal);
  const content = parts.content ?? `content ${ordinal} of ${of.uri} at ${of.version}`;
  return {
    id,
    ordinal,
    ...(parts.recordId === undefined ? {} : { recordId: parts.recordId }),
    title: parts.title ?? "title",
    heading: parts.heading ?? "",
    content,
    start: ordinal * 10,
    end: ordinal * 10 + content.length,
    metadata: parts.metadata ?? {},
    textHash: createHash("sha256").update(content).digest("hex"),
    vector: parts.vector ?? vectorOf(id, dimensions),
    terms: parts.terms ?? "common",
  };
}

/** A unit vector that depends on the seed alone. */
export function vectorOf(seed: string, dimensions: number): Float32Array {
  const values = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index++) {
    const digest = createHash("sha256").update(`${index} ${seed}`).digest();
    values[index] = digest.readInt32LE(0) / 2 ** 31;
  }
  return normalise(values);
}

export function normalise(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** As many chunks of the attempt, from one ordinal on. */
export function chunksOf(of: Attempt, count: number, dimensions: number, from = 0): StoredChunk[] {
  return Array.from({ length: count }, (_, at) => chunk(of, from + at, dimensions));
}

/** Writes and commits a document in one go. */
export async function write(
  writer: StoreWriter,
  of: Attempt,
  chunks: readonly StoredChunk[] = [],
  rest: Partial<Commit> = {},
): Promise<Committed> {
  const open = writer.begin(of);
  await open.put(chunks);
  return await open.commit(commitOf(of, chunks.length, rest));
}

/** Writes and commits a document of the given chunks. */
export async function index(bench: Bench, of: Attempt, parts: readonly ChunkParts[]): Promise<StoredChunk[]> {
  const chunks = parts.map((part, ordinal) => chunk(of, ordinal, bench.identity.dimensions, part));
  const { supersededBy } = await write(bench.writer, of, chunks);
  assert.equal(supersededBy, undefined, `${of.uri} is current`);
  return chunks;
}

/** All chunks of a URI prefix that a search can show, as `uri version ordinal`, sorted. */
export async function visible(bench: Bench, uri: string): Promise<string[]> {
  const vector = vectorOf("any", bench.identity.dimensions);
  const byVector = await bench.reader.search({ mode: "vector", limit: 1_000, vector, filter: { uri } });
  const byTerm = await bench.reader.search({ mode: "keyword", limit: 1_000, terms: ["common"], filter: { uri } });
  const names = (hits: readonly Hit[]): string[] =>
    hits.map((hit) => `${hit.uri} ${hit.version} ${hit.start / 10}`).sort();
  assert.deepEqual(names(byVector), names(byTerm), "both ways of searching see the same chunks");
  return names(byVector);
}

export function rejectsWith(code: string, field?: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof IsthmusError, `an IsthmusError, not ${String(thrown)}`);
    assert.equal(thrown.code, code, thrown.message);
    if (field !== undefined) assert.equal(thrown.field, field);
    return true;
  };
}
