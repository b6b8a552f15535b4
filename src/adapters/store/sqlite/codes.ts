import { signBits } from "./sign-bits.ts";
import type { Statements } from "./statements.ts";

/** Rows there is room for at first. */
const LEAST_ROOM = 1_024;
/** With fewer of the candidates alive than this share, the dead ones in memory are in the way. */
const ALIVE = 0.9;

/** Chooses the chunks worth comparing exactly, by the binary codes of all vectors. */
export interface CodeIndex {
  /** Reads what was added since the last time. Runs inside the caller's read transaction, as `nearest` does. */
  refresh(): void;
  /** Row ids of about `count` chunks whose codes are nearest, in no order. */
  nearest(vector: Float32Array, count: number): number[];
}

/**
 * The codes of the index in memory (48 bytes a chunk at 384 dimensions), scanned whole for each search: several times
 * faster than the same scan inside SQLite (docs/adr/0001). They are a hint and the tables the truth. Rows added since
 * the last search are recognised by their sequence, which is never used twice; removed ones are dropped from the
 * candidates, and everything is read again when too many of those are gone.
 */
export function createCodeIndex(prepare: Statements, dimensions: number): CodeIndex {
  const words = Math.ceil(dimensions / 32);
  let codes = new Int32Array(0);
  /** The same memory as `codes`. */
  let bytes = new Uint8Array(codes.buffer);
  let ids = new Float64Array(0);
  let size = 0;
  let last = 0;

  function reserve(wanted: number): void {
    if (wanted <= ids.length) return;
    const capacity = Math.max(LEAST_ROOM, wanted, ids.length * 2);
    const [moreCodes, moreIds] = [new Int32Array(capacity * words), new Float64Array(capacity)];
    moreCodes.set(codes.subarray(0, size * words));
    moreIds.set(ids.subarray(0, size));
    codes = moreCodes;
    bytes = new Uint8Array(codes.buffer);
    ids = moreIds;
  }

  /** Reads what was added since the last call. */
  function readNew(): void {
    const rows = prepare("SELECT sequence, id, bits FROM code WHERE sequence > ? ORDER BY sequence");
    for (const row of rows.iterate(last)) {
      reserve(size + 1);
      ids[size] = Number(row["id"]);
      bytes.set(row["bits"] as Uint8Array, size * words * 4);
      last = Number(row["sequence"]);
      size++;
    }
  }

  function readAll(): void {
    size = 0;
    last = 0;
    readNew();
  }

  function alive(candidates: readonly number[]): number[] {
    const rows = prepare("SELECT c.id AS id FROM json_each(?) w CROSS JOIN code c ON c.id = w.value");
    return rows.all(JSON.stringify(candidates)).map((row) => Number(row["id"]));
  }

  return {
    refresh: readNew,
    nearest(vector, count) {
      const code = new Int32Array(signBits(vector).buffer);
      readNew();
      const found = alive(nearestRows(codes, ids, size, code, count));
      if (found.length >= count * ALIVE) return found;
      readAll();
      return nearestRows(codes, ids, size, code, count);
    },
  };
}

/** Two passes: the distances and how often each occurs, then the rows up to the distance where `count` is reached. */
function nearestRows(codes: Int32Array, ids: Float64Array, size: number, code: Int32Array, count: number): number[] {
  const words = code.length;
  const distances = new Uint16Array(size);
  const occurrences = new Uint32Array(words * 32 + 1);
  for (let row = 0, at = 0; row < size; row++) {
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
    if (distance < cut || (distance === cut && room-- > 0)) nearest.push(ids[row] as number);
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
