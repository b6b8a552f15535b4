import { createDeadLetters, type DeadLetter, type DeadLetters } from "../adapters/pubsub/dead-letters.ts";
import { createPublisher, type Publisher } from "../adapters/pubsub/publisher.ts";

export type { DeadLetter };

export interface DeadLetterPlaces {
  readonly deadLetters: string;
  readonly emulator: string | undefined;
}

/** Of one object, or of what lies under a prefix that ends in "/"; undefined: all of them. */
export type Wanted = (letter: DeadLetter) => boolean;

/** What waits, up to `most`; all of it goes back. */
export async function listDeadLetters(
  places: DeadLetterPlaces,
  wanted: Wanted,
  most: number,
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  await withLetters(places, (letters) =>
    letters.each(async (some) => {
      found.push(...some.filter(wanted).slice(0, most - found.length));
      return found.length >= most ? "enough" : "on";
    }, signal),
  );
  return found;
}

/** Publishes them again as they were first published, then acknowledges them. @returns how many. */
export async function replayDeadLetters(
  places: DeadLetterPlaces & { readonly topic: string },
  wanted: Wanted,
  signal: AbortSignal,
  onProgress: (replayed: number) => void = () => {},
): Promise<number> {
  const publisher: Publisher = createPublisher(places, places.topic);
  let replayed = 0;
  try {
    await withLetters(places, (letters) =>
      letters.each(async (some, done) => {
        const chosen = some.filter(wanted);
        if (chosen.length > 0) {
          // In this order: one that was published and not acknowledged comes twice, the other way round it is lost.
          await publisher.publish(
            chosen.map(({ message }) => message),
            signal,
          );
          await done(chosen);
        }
        replayed += chosen.length;
        onProgress(replayed);
        return "on";
      }, signal),
    );
  } finally {
    publisher.close();
  }
  return replayed;
}

/** Acknowledges them. @returns how many. */
export async function dropDeadLetters(places: DeadLetterPlaces, wanted: Wanted, signal: AbortSignal): Promise<number> {
  let dropped = 0;
  await withLetters(places, (letters) =>
    letters.each(async (some, done) => {
      const chosen = some.filter(wanted);
      if (chosen.length > 0) await done(chosen);
      dropped += chosen.length;
      return "on";
    }, signal),
  );
  return dropped;
}

async function withLetters<Result>(
  { deadLetters, emulator }: DeadLetterPlaces,
  use: (letters: DeadLetters) => Promise<Result>,
): Promise<Result> {
  const letters = createDeadLetters({ emulator }, deadLetters);
  try {
    return await use(letters);
  } finally {
    letters.close();
  }
}
