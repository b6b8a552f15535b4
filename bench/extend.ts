import { createSeeded } from "../test/support/seeded.ts";
import { nearest, normalise } from "./vectors.ts";

const neighbours = 20;
/** Neighbours are looked for among this many real vectors, drawn at random: among all of them it takes minutes. */
const compared = 4000;
/** Length of the noise beside a unit vector: its cosine to the vector without noise is about 0.97. */
const noise = 0.25;

/**
 * Makes many vectors of few, close to how the few lie: each new one is a point between a real vector and one of its 20
 * nearest among 4,000 (as SMOTE makes samples: Chawla et al., JAIR 16, 2002), moved by noise in all directions so that the new
 * ones do not share a line. The real ones come first.
 */
export function extendVectors(base: readonly Float32Array[], count: number, seed = 1): Float32Array[] {
  if (base.length >= count) return base.slice(0, count);
  const random = createSeeded(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError("There are no vectors to extend.");
    return item;
  };
  const drawn = base.length <= compared ? base : Array.from({ length: compared }, () => pick(base));
  const known = base.map((vector) => nearest(vector, drawn, neighbours));
  const vectors = base.slice(0, count);
  while (vectors.length < count) {
    const position = Math.floor(random() * base.length);
    const from = base[position] ?? pick(base);
    const towards = drawn[pick(known[position] ?? [])] ?? from;
    const share = random();
    const scale = noise / Math.sqrt(from.length);
    const made = from.map((value, index) => value + share * ((towards[index] ?? 0) - value) + scale * gaussian(random));
    vectors.push(normalise(made));
  }
  return vectors;
}

/** Standard normal, by Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
