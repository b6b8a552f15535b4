import { createBatcher } from "../../../core/batcher.ts";
import { IsthmusError } from "../../../core/errors.ts";
import { createPatience } from "../../../core/retry.ts";
import type { Connection } from "./connection.ts";
import { aborted, serverFailure, unavailable } from "./failures.ts";
import type { Pace } from "./pace.ts";
import { consistencyLevel, longestAnswer } from "./requests.ts";
import type { BatchObject, Filters } from "./rpc/weaviate_pb.ts";
import type { WeaviateSettings } from "./settings.ts";

/** Objects in one request: about 300 KB of short chunks, and what the server takes in some 100 ms. */
const objectsPerRequest = 128;
const requestsInFlight = 2;
/** A server that restarts on a busy machine is away for half a minute and more; a replica that comes back, for less. */
const patienceByDefault = { totalMs: 90_000, baseMs: 250, maxMs: 8_000 } as const;

/** Writes and removes objects. All of it can be done again without harm, so what passes by itself is tried again. */
export interface Objects {
  insert(objects: readonly BatchObject[], signal?: AbortSignal): Promise<void>;
  /** Removes everything that passes the filter, however much it is. */
  remove(collection: string, filters: Filters, signal?: AbortSignal): Promise<void>;
  /** Tries again what failed for a reason that passes, with one patience for all that this writer asks. */
  patiently<Result>(operation: () => Promise<Result>, signal?: AbortSignal): Promise<Result>;
}

/** @param closing fires when the writer is closed. */
export function createObjects(
  connection: Connection,
  settings: WeaviateSettings,
  closing: AbortSignal,
  pace: Pace,
): Objects {
  const level = consistencyLevel(settings.writeConsistency);
  const patience = createPatience(settings.patience ?? patienceByDefault);
  const patiently = async <Result>(operation: () => Promise<Result>, signal?: AbortSignal) => {
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    try {
      return await patience.bear(operation, either);
    } catch (error) {
      if (closing.aborted) throw unavailable("the writer was closed", settings.grpcUrl, error);
      throw signal?.aborted === true ? aborted(signal, error) : error;
    }
  };

  /** One request. Gives the objects that were not taken, with the server's reasons. */
  async function send(objects: readonly BatchObject[]): Promise<{ object: BatchObject; failure: IsthmusError }[]> {
    const reply = await connection.call((client, options) =>
      client.batchObjects({ objects: [...objects], consistencyLevel: level }, options),
    );
    return reply.errors.map(({ index, error }) => {
      const object = objects[index];
      if (object === undefined)
        throw new IsthmusError("internal", `Weaviate refused object ${index} of ${objects.length}.`);
      return { object, failure: serverFailure(error, settings.grpcUrl) };
    });
  }

  const insert = createBatcher<readonly BatchObject[], IsthmusError | undefined>(
    {
      most: objectsPerRequest,
      inFlight: requestsInFlight,
      weigh: (objects) => objects.length,
      pace,
      askers: settings.wire,
    },
    async (lists) => {
      let left = lists.flat();
      const refused = new Map<BatchObject, IsthmusError>();
      await patiently(async () => {
        const failed = await send(left);
        const again = failed.filter(({ failure }) => failure.retryable);
        for (const { object, failure } of failed) if (!failure.retryable) refused.set(object, failure);
        left = again.map(({ object }) => object);
        if (again[0] !== undefined) throw again[0].failure;
      });
      return lists.map((objects) =>
        objects.map((object) => refused.get(object)).find((failure) => failure !== undefined),
      );
    },
  );

  return {
    patiently,
    async insert(objects, signal) {
      const parts: (readonly BatchObject[])[] = [];
      for (let from = 0; from < objects.length; from += objectsPerRequest) {
        parts.push(objects.slice(from, from + objectsPerRequest));
      }
      const failures = await Promise.all(parts.map((part) => insert(part, signal)));
      const failure = failures.find((each) => each !== undefined);
      if (failure !== undefined) throw failure;
    },
    async remove(collection, filters, signal) {
      for (;;) {
        const reply = await patiently(async () => {
          const answer = await connection.call((client, options) =>
            client.batchDelete({ collection, filters, consistencyLevel: level }, options),
          );
          if (answer.failed === 0n) return answer;
          throw new IsthmusError("store_unavailable", `Weaviate could not remove ${answer.failed} objects just now.`);
        }, signal);
        if (Number(reply.matches) < longestAnswer) return;
      }
    },
  };
}
