import { mean, spread } from "./statistics.ts";

/** Runs of one kind: how long those took that are done, in seconds, and how many there are in all. */
export interface Work {
  readonly done: readonly number[];
  readonly total: number;
}

/**
 * Seconds that the runs still take: each as long as the others of its kind (their median); where a kind has not run yet, as
 * long as the kinds that have. @returns undefined before anything has run.
 */
export function secondsLeft(kinds: readonly Work[]): number | undefined {
  const usual = kinds.map(({ done }) => (done.length === 0 ? undefined : spread(done).median));
  const known = usual.filter((seconds) => seconds !== undefined);
  if (known.length === 0) return undefined;
  return kinds.reduce((sum, { done, total }, index) => sum + (total - done.length) * (usual[index] ?? mean(known)), 0);
}

/** What stands behind a step: ", about 3 min left"; nothing while nobody can tell. */
export function leftInWords(kinds: readonly Work[]): string {
  const seconds = secondsLeft(kinds);
  if (seconds === undefined) return "";
  return `, about ${duration(seconds)} left`;
}

/** The same for work of one kind that is counted in units: it goes on as fast as it has been so far. */
export function leftAtPace(seconds: number, done: number, total: number): string {
  return done === 0 ? "" : `, about ${duration((seconds / done) * (total - done))} left`;
}

/**
 * The same for several benches in a row, by what each usually takes: " (about 80 min left of all)".
 *
 * @param minutes of the bench under way and those behind it; nothing is told where one of them is unknown.
 * @param seconds that the one under way has taken: it may take longer than usual, and then the others are what is left.
 */
export function leftOfAll(minutes: readonly (number | undefined)[], seconds: number): string {
  const [current, ...later] = minutes;
  if (current === undefined) return "";
  let left = Math.max(0, current * 60 - seconds);
  for (const each of later) {
    if (each === undefined) return "";
    left += each * 60;
  }
  return ` (about ${duration(left)} left of all)`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
