const numberedId = (id: string, count: number): string => `${id} (${count})`;

/** The number stands before the extension, which tells the kind: `report (2).pdf`. */
export function numberedName(name: string, count: number): string {
  const [, stem = name, extension = ""] = /^(.*[^/])(\.[^./]{1,10})$/s.exec(name) ?? [];
  return `${stem} (${count})${extension}`;
}

/**
 * Makes ids distinct in the order they come: the second `a` is `a (2)`. An id that is taken is never given again.
 *
 * @param numbered how an id with a number is written.
 */
export function uniqueIds(numbered = numberedId): (wanted: string) => string {
  const given = new Set<string>();
  const counts = new Map<string, number>();
  return (wanted) => {
    let id = wanted;
    let count = counts.get(wanted) ?? 1;
    while (given.has(id)) {
      count += 1;
      id = numbered(wanted, count);
    }
    counts.set(wanted, count);
    given.add(id);
    return id;
  };
}
