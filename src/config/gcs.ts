import { shownAddress } from "../core/redact.ts";
import type { SettingsReader } from "./read.ts";

/** How buckets of Google Cloud Storage are read. */
export interface GcsSettings {
  /** `STORAGE_EMULATOR_HOST`: an emulator's address, asked without credentials. */
  readonly emulator: string | undefined;
  /** `ISTHMUS_GCS_USER_PROJECT`: the project that pays for reading buckets whose readers pay. */
  readonly userProject: string | undefined;
}

export function parseGcs(read: SettingsReader): GcsSettings {
  return {
    emulator: parseEmulator(read, "STORAGE_EMULATOR_HOST", "http://127.0.0.1:4443"),
    userProject: read.text("ISTHMUS_GCS_USER_PROJECT"),
  };
}

/** Google's own tools take `host:port` as well as an address. */
function parseEmulator(read: SettingsReader, name: string, example: string): string | undefined {
  const value = read.text(name);
  if (value === undefined) return undefined;
  const address = /^https?:\/\//.test(value) ? value : `http://${value}`;
  if (URL.canParse(address)) return address.replace(/\/+$/, "");
  read.faults.push(
    `${read.shown(name)} is ${JSON.stringify(shownAddress(value))}; it is an address such as ${example}.`,
  );
  return undefined;
}

/** Where a bucket's notifications come from. */
export interface PubSubSettings {
  /** `ISTHMUS_SUBSCRIPTION`: `projects/p/subscriptions/s`. */
  readonly subscription: string | undefined;
  /** `PUBSUB_EMULATOR_HOST`: an emulator's address, asked without credentials. */
  readonly emulator: string | undefined;
  /** `ISTHMUS_MESSAGES_IN_HAND`, default 64. */
  readonly messagesInHand: number;
  /** `ISTHMUS_LEASE_SECONDS`: a message in hand is another's so long after this process died. Default 60. */
  readonly leaseSeconds: number;
}

export function parsePubSub(read: SettingsReader): PubSubSettings {
  const subscription = read.text("ISTHMUS_SUBSCRIPTION");
  if (subscription !== undefined && !/^projects\/[^/\s]+\/subscriptions\/[^/\s]+$/.test(subscription)) {
    read.faults.push(
      `${read.shown("ISTHMUS_SUBSCRIPTION")} is ${JSON.stringify(subscription)}; it is projects/PROJECT/subscriptions/NAME.`,
    );
  }
  return {
    subscription,
    emulator: parsePubSubEmulator(read),
    messagesInHand: read.integer("ISTHMUS_MESSAGES_IN_HAND", 64, 1, 1_000),
    leaseSeconds: read.integer("ISTHMUS_LEASE_SECONDS", 60, 10, 600),
  };
}

export function parsePubSubEmulator(read: SettingsReader): string | undefined {
  return parseEmulator(read, "PUBSUB_EMULATOR_HOST", "127.0.0.1:8085");
}

/** `GCS_BUCKET_NAME` and `SOURCE_BLOB_NAME` as one location. */
export function parseBucketLocation(read: SettingsReader): string {
  const bucket = read.text("GCS_BUCKET_NAME");
  // Not trimmed: a name may begin or end with a space.
  const name = read.raw("SOURCE_BLOB_NAME") ?? "";
  if (bucket === undefined) {
    read.faults.push("GCS_BUCKET_NAME is not set; it is the name of the bucket to read.");
  } else if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) {
    read.faults.push(`GCS_BUCKET_NAME is ${JSON.stringify(bucket)}; it is the bucket's name alone, without gs://.`);
  }
  if (/^gs:\/\//i.test(name)) {
    read.faults.push(
      `SOURCE_BLOB_NAME is ${JSON.stringify(name)}; it is the name inside the bucket: an object, or a prefix ending in "/".`,
    );
  }
  return `gs://${bucket}/${name}`;
}
