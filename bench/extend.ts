import { createSeeded } from "../test/support/seeded.ts";
import { nearest, normalise } from "./vectors.ts";

const neighbours = 20;
/** Neighbours are looked for among this many real vectors, drawn at random: among all of them it takes minutes. */
const compared = 4000;
/** Length of the noise beside a unit vector: its cosine to the vector without noise is about 0.97. */
const noise = 0.25;
/** Of making a vector, in the time of looking for the neighbours of one. */
const makingShare = 1 / 200;
const toldEvery = 500;

/**
 * Makes many vectors of few, close to how the few lie: each new one is a point between a real vector and one of its 20
 * nearest among 4,000 (as SMOTE makes samples: Chawla et al., JAIR 16, 2002), moved by noise in all directions so that the new
 * ones do not share a line. The real ones come first.
 *
 * @param tell how much of the work is done, now and then: nothing else can happen meanwhile.
 */
export function extendVectors(
  base: readonly Float32Array[],
  count: number,
  seed = 1,
  tell: (done: number, total: number) => void = () => {},
): Float32Array[] {
  if (base.length >= count) return base.slice(0, count);
  const random = createSeeded(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError("There are no vectors to extend.");
    return item;
  };
  const drawn = base.length <= compared ? base : Array.from({ length: compared }, () => pick(base));
  // In vectors looked at: comparing one with all that were drawn takes far longer than making one.
  const total = base.length + (count - base.length) * makingShare;
  const known = base.map((vector, index) => {
    if (index % toldEvery === 0) tell(index, total);
    return nearest(vector, drawn, neighbours);
  });
  const vectors = base.slice(0, count);
  while (vectors.length < count) {
    const made = vectors.length - base.length;
    if (made % toldEvery === 0) tell(base.length + made * makingShare, total);
    const position = Math.floor(random() * base.length);
    const from = base[position] ?? pick(base);
    const towards = drawn[pick(known[position] ?? [])] ?? from;
    const share = random();
    const scale = noise / Math.sqrt(from.length);
    const moved = from.map(
      (value, index) => value + share * ((towards[index] ?? 0) - value) + scale * gaussian(random),
    );
    vectors.push(normalise(moved));
  }
  return vectors;
}

/** Standard normal, by Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
