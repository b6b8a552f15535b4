/** Every so many-th text of a stream, few enough to keep: each time there are too many, every other goes. */
export function createTextSample(most: number) {
  let kept: string[] = [];
  let step = 1;
  let seen = 0;
  return {
    add(text: string): void {
      if (seen++ % step !== 0) return;
      kept.push(text);
      if (kept.length <= most) return;
      kept = kept.filter((_, index) => index % 2 === 0);
      step *= 2;
    },
    all: (): readonly string[] => kept,
  };
}
