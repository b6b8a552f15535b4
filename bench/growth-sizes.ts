const first = 1_000;

/** The sizes at which an index is measured while it grows: 1,000 and each ten times that below the last, and the last. */
export function sizesUpTo(last: number): number[] {
  const sizes: number[] = [];
  for (let size = first; size < last; size *= 10) sizes.push(size);
  return [...sizes, last];
}
