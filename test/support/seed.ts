/**
 * What everything random in the tests begins with. The same in every run, so that a result is the commit's and not the draw's;
 * `ISTHMUS_TEST_SEED=random npm test` draws another, and each test that fails names the one that repeats it.
 */
export const testSeed = seedOf(process.env["ISTHMUS_TEST_SEED"]);

function seedOf(told: string | undefined): number {
  if (told === undefined) return 20_261_128;
  return told === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(told);
}
