/** Makes ids distinct in the order they come: the second `a` is `a (2)`. An id that is taken is never given again. */
export function uniqueIds(): (wanted: string) => string {
  const given = new Set<string>();
  const counts = new Map<string, number>();
  return (wanted) => {
    let id = wanted;
    let count = counts.get(wanted) ?? 1;
    while (given.has(id)) {
      count += 1;
      id = `${wanted} (${count})`;
    }
    counts.set(wanted, count);
    given.add(id);
    return id;
  };
}
