import type { Meter } from "./metrics.ts";

/** Every number that the product tells: docs/telemetry.md lists them, dashboards and alerts name them. */
export type Instruments = ReturnType<typeof createInstruments>;

/** Seconds from upload to searchable: a watcher's second, a queue's minute, a nightly run's day. */
const freshnessBounds = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];

export function createInstruments(meter: Meter) {
  return {
    requests: meter.histogram("http.server.request.duration", "s", "Time from a request's headers to its answer"),
    embed: meter.histogram("isthmus.embed.duration", "s", "Time of one call of the embedder"),
    embedTexts: meter.counter("isthmus.embed.texts", "{text}", "Texts that were embedded"),
    embedTokens: meter.counter("isthmus.embed.tokens", "{token}", "Tokens of texts that documents had embedded"),
    store: meter.histogram(
      "db.client.operation.duration",
      "s",
      "Time of one operation of the store, its retries included",
    ),
    attempts: meter.histogram(
      "isthmus.store.request.duration",
      "s",
      "Time of one request to the store over the network",
    ),
    documents: meter.counter("isthmus.documents", "{document}", "Documents that ingestion looked at, by outcome"),
    chunks: meter.counter("isthmus.chunks", "{chunk}", "Chunks that were written"),
    failures: meter.counter("isthmus.failures", "{failure}", "Documents and records that could not be used, by code"),
    bytes: meter.counter("isthmus.read", "By", "Bytes that were read from sources"),
    freshness: meter.histogram(
      "isthmus.freshness",
      "s",
      "Time from a version's upload to its being searchable",
      freshnessBounds,
    ),
    changes: meter.counter("isthmus.changes", "{change}", "Changes that were settled: done, or to be told again"),
    changeAge: meter.histogram("isthmus.changes.age", "s", "Time from a change to its being settled", freshnessBounds),
    turnedAway: meter.counter(
      "isthmus.search.turned_away",
      "{chunk}",
      "Chunks that a search found and the manifest did not let through",
    ),
    generate: meter.histogram("isthmus.generate.duration", "s", "Time of one call of the generator, to its last piece"),
    generatedTokens: meter.counter("isthmus.generate.tokens", "{token}", "Tokens that a generator read and wrote"),
    generatedDollars: meter.counter(
      "isthmus.generate.dollars",
      "{dollar}",
      "What those tokens cost, by the known prices",
    ),
    superseded: meter.counter("isthmus.commits.superseded", "{commit}", "Commits that a greater row stood above"),
    runs: meter.counter("isthmus.runs", "{run}", "Runs of ingestion, by how they ended"),
    coldStarts: meter.counter("faas.coldstarts", "{coldstart}", "Cold starts of the function"),
  };
}
