import { Unavailable } from "./unavailable.ts";

/**
 * A contestant that may not be at hand here. Where it is not, the bench goes on without it: the note says what is missing and
 * how to get it.
 *
 * @param notes of the report; gets a line where the contestant is left out.
 * @param name of what is left out, as the note begins.
 * @returns undefined where it is left out.
 * @throws whatever is no `Unavailable`: a contestant that is there and breaks is a failure.
 */
export async function orLeftOut<Result>(
  notes: string[],
  name: string,
  start: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    notes.push(`${name}: left out. ${error.message}`);
    return undefined;
  }
}
