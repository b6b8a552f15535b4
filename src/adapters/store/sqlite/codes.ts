import { DamagedIndex } from "./failures.ts";
import { type Interrupt, neverInterrupted } from "./interrupt.ts";
import { signBits } from "./sign-bits.ts";
import type { Statements } from "./statements.ts";

/** Rows there is room for at first. */
const LEAST_ROOM = 1_024;
/** With fewer of the candidates alive than this share, the dead ones in memory are in the way. */
const ALIVE = 0.9;
/** About a millisecond of work. */
const ROWS_BETWEEN_LOOKS = 16_384;

/** Chooses the chunks worth comparing exactly, by the binary codes of all vectors. */
export interface CodeIndex {
  /** Reads what was added since the last time. Runs inside the caller's read transaction, as `nearest` does. */
  refresh(): void;
  /** Row ids, each once, of about `count` chunks whose codes are nearest, in no order. */
  nearest(vector: Float32Array, count: number): number[];
}

/**
 * The codes of the index in memory (48 bytes a chunk at 384 dimensions), scanned whole for each search: several times
 * faster than the same scan inside SQLite (docs/adr/0001). They are a hint and the tables the truth. A code goes by its
 * sequence, which is never used twice, so it never comes to stand for another chunk than the one it was read for, whatever
 * row that chunk had. Rows added since the last search have greater sequences; removed ones are dropped from the
 * candidates, and everything is read again when too many of those are gone, or when the memory has doubled.
 */
export function createCodeIndex(
  prepare: Statements,
  dimensions: number,
  interrupt: Interrupt = neverInterrupted,
): CodeIndex {
  const words = Math.ceil(dimensions / 32);
  let codes = new Int32Array(0);
  /** The same memory as `codes`. */
  let bytes = new Uint8Array(codes.buffer);
  let sequences = new Float64Array(0);
  let size = 0;
  let last = 0;
  let sizeWhenWhole = 0;

  function reserve(wanted: number): void {
    if (wanted <= sequences.length) return;
    const capacity = Math.max(LEAST_ROOM, wanted, sequences.length * 2);
    const [moreCodes, moreSequences] = [new Int32Array(capacity * words), new Float64Array(capacity)];
    moreCodes.set(codes.subarray(0, size * words));
    moreSequences.set(sequences.subarray(0, size));
    codes = moreCodes;
    bytes = new Uint8Array(codes.buffer);
    sequences = moreSequences;
  }

  /** Reads what was added since the last call. */
  function readNew(): void {
    const rows = prepare("SELECT sequence, bits FROM code WHERE sequence > ? ORDER BY sequence");
    for (const row of rows.iterate(last)) {
      if (size % ROWS_BETWEEN_LOOKS === 0) interrupt.throwIfInterrupted();
      const bits = row["bits"];
      if (!(bits instanceof Uint8Array) || bits.length !== words * 4)
        throw new DamagedIndex("the code of a chunk is cut");
      reserve(size + 1);
      sequences[size] = Number(row["sequence"]);
      bytes.set(bits, size * words * 4);
      last = Number(row["sequence"]);
      size++;
    }
  }

  function readAll(): void {
    size = 0;
    last = 0;
    readNew();
    sizeWhenWhole = size;
  }

  /** A document that is saved over and over leaves codes behind that no search may ever come across. */
  function bringUpToDate(): void {
    if (last > 0) readNew();
    if (last === 0 || size > 2 * Math.max(sizeWhenWhole, LEAST_ROOM)) readAll();
  }

  /** The rows of those whose chunks are still there. */
  function alive(candidates: readonly number[]): number[] {
    const rows = prepare("SELECT c.id AS id FROM json_each(?) w CROSS JOIN code c ON c.sequence = w.value");
    return rows.all(JSON.stringify(candidates)).map((row) => Number(row["id"]));
  }

  function nearestSequences(code: Int32Array, count: number): number[] {
    return nearestRows({ codes, size, interrupt }, code, count).map((row) => sequences[row] as number);
  }

  return {
    refresh: bringUpToDate,
    nearest(vector, count) {
      const code = new Int32Array(signBits(vector).buffer);
      bringUpToDate();
      const found = alive(nearestSequences(code, count));
      if (found.length >= count * ALIVE) return found;
      readAll();
      return alive(nearestSequences(code, count));
    },
  };
}

/** Two passes: the distances and how often each occurs, then the rows up to the distance where `count` is reached. */
function nearestRows(
  { codes, size, interrupt }: { readonly codes: Int32Array; readonly size: number; readonly interrupt: Interrupt },
  code: Int32Array,
  count: number,
): number[] {
  const words = code.length;
  const distances = new Uint16Array(size);
  const occurrences = new Uint32Array(words * 32 + 1);
  for (let row = 0, at = 0; row < size; row++) {
    if (row % ROWS_BETWEEN_LOOKS === 0) interrupt.throwIfInterrupted();
    let distance = 0;
    for (let word = 0; word < words; word++) distance += bitsSet((codes[at++] as number) ^ (code[word] as number));
    distances[row] = distance;
    (occurrences[distance] as number)++;
  }
  let cut = 0;
  let below = 0;
  while (cut < occurrences.length && below + (occurrences[cut] as number) < count)
    below += occurrences[cut++] as number;
  let room = count - below;
  const nearest: number[] = [];
  for (let row = 0; row < size; row++) {
    const distance = distances[row] as number;
    if (distance < cut || (distance === cut && room-- > 0)) nearest.push(row);
  }
  return nearest;
}

/** Population count of 32 bits (Warren, "Hacker's Delight", 2nd ed., figure 5-2). */
function bitsSet(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  sum = (sum + (sum >>> 4)) & 0x0f0f0f0f;
  return Math.imul(sum, 0x01010101) >>> 24;
}
