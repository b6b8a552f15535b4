import { type PubSubSettings, parsePubSub, parsePubSubEmulator } from "./gcs.ts";
import { createReader, type Environment } from "./read.ts";

/** Where a bucket's events are published, and where those end that could not be handled. */
export interface EventPlaces {
  /** `ISTHMUS_TOPIC`: `projects/p/topics/t`. */
  readonly topic: string | undefined;
  /** `ISTHMUS_DEAD_LETTERS`: `projects/p/subscriptions/s`. */
  readonly deadLetters: string | undefined;
  /** `PUBSUB_EMULATOR_HOST`. */
  readonly emulator: string | undefined;
}

/** @throws `config_invalid` naming every fault at once, and what is missing of `needed`. */
export function parseEventPlaces(
  environment: Environment,
  names: Readonly<Record<string, string>>,
  needed: readonly ("ISTHMUS_TOPIC" | "ISTHMUS_DEAD_LETTERS")[],
): EventPlaces {
  const read = createReader(environment, names);
  const place = (variable: "ISTHMUS_TOPIC" | "ISTHMUS_DEAD_LETTERS", kind: "topics" | "subscriptions") => {
    const value = read.text(variable);
    const form = `projects/PROJECT/${kind}/NAME`;
    if (value === undefined) {
      if (needed.includes(variable)) read.faults.push(`${read.shown(variable)} is not set; it is ${form}.`);
    } else if (!new RegExp(`^projects/[^/\\s]+/${kind}/[^/\\s]+$`).test(value)) {
      read.faults.push(`${read.shown(variable)} is ${JSON.stringify(value)}; it is ${form}.`);
    }
    return value;
  };
  return read.checked({
    topic: place("ISTHMUS_TOPIC", "topics"),
    deadLetters: place("ISTHMUS_DEAD_LETTERS", "subscriptions"),
    emulator: parsePubSubEmulator(read),
  });
}

/** The subscription that tells of a bucket's changes, and how it is asked. */
export type Queue = PubSubSettings & { readonly subscription: string };

/** @throws `config_invalid` naming every fault at once. */
export function parseQueue(environment: Environment, location: string): Queue {
  const read = createReader(environment);
  const queue = parsePubSub(read);
  if (read.text("ISTHMUS_SUBSCRIPTION") === undefined) {
    read.faults.push(
      `ISTHMUS_SUBSCRIPTION is not set; ${location} is watched by the Pub/Sub subscription with its bucket's notifications, projects/PROJECT/subscriptions/NAME.`,
    );
  }
  return read.checked({ ...queue, subscription: queue.subscription ?? "" });
}
