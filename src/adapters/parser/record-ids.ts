// So many ids are remembered as they are; of those after them a filter of fixed size remembers that they were there.
const exactIds = 100_000;
const filterBits = 2 ** 28;
const filterHashes = 4;

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), over UTF-16 code units. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  // The low bits of FNV are weak: mix them (the finalizer of MurmurHash3).
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** A Bloom filter: it may take an id for known that is not, and never the other way round. */
function createFilter(): { has(id: string): boolean; add(id: string): void } {
  const bits = new Uint32Array(filterBits / 32);
  const places = (id: string) => {
    const [first, second] = [hash(id, 0), hash(id, 0x9e3779b9) | 1];
    return Array.from({ length: filterHashes }, (_, index) => (first + Math.imul(index, second)) >>> 4);
  };
  return {
    has: (id) => places(id).every((place) => ((bits[place >>> 5] ?? 0) >>> (place & 31)) & 1),
    add(id) {
      for (const place of places(id)) bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31));
    },
  };
}

/**
 * Ids of the records of one file, each once: a citation names its record by id. The second record of an id has its place in
 * the file added, `7~12` for row 12. Memory is bounded (32 MiB) however many records there are; beyond the first 100,000
 * an id may, once in thousands, be taken for one that was there, and have its place added without need.
 */
export function createRecordIds(): (id: string, place: number) => string {
  const exact = new Set<string>();
  let filter: ReturnType<typeof createFilter> | undefined;
  const isKnown = (id: string) => exact.has(id) || filter?.has(id) === true;
  return (id, place) => {
    let distinct = id;
    for (let attempt = 1; isKnown(distinct); attempt += 1) {
      distinct = attempt === 1 ? `${id}~${place}` : `${id}~${place}.${attempt}`;
    }
    if (exact.size < exactIds) exact.add(distinct);
    else {
      filter ??= createFilter();
      filter.add(distinct);
    }
    return distinct;
  };
}
