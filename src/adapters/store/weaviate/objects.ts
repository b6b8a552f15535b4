import { IsthmusError } from "../../../core/errors.ts";
import { type RetryPolicy, retrying } from "../../../core/retry.ts";
import type { Connection } from "./connection.ts";
import { serverFailure, unavailable } from "./failures.ts";
import { gathering, type Pace } from "./gathering.ts";
import { consistencyLevel, longestAnswer } from "./requests.ts";
import type { BatchObject, Filters } from "./rpc/weaviate_pb.ts";
import type { WeaviateSettings } from "./settings.ts";

/** Objects in one request: about 300 KB of short chunks, and what the server takes in some 100 ms. */
const objectsPerRequest = 128;
const requestsInFlight = 2;
/**
 * A server that restarts on a busy machine is away for half a minute and more; a replica that comes back, for less. With
 * full jitter the 21 waits are 68 seconds together on average.
 */
const patience: Partial<RetryPolicy> = { attempts: 22, baseMs: 250, maxMs: 8_000 };

/** Writes and removes objects. All of it can be done again without harm, so what passes by itself is tried again. */
export interface Objects {
  insert(objects: readonly BatchObject[]): Promise<void>;
  /** Removes everything that passes the filter, however much it is. */
  remove(collection: string, filters: Filters): Promise<void>;
  /** Tries again what failed for a reason that passes. */
  patiently<Result>(operation: () => Promise<Result>): Promise<Result>;
}

export function createObjects(
  connection: Connection,
  settings: WeaviateSettings,
  signal: AbortSignal,
  pace: Pace,
): Objects {
  const level = consistencyLevel(settings.writeConsistency);
  const patiently = async <Result>(operation: () => Promise<Result>) => {
    try {
      return await retrying(operation, { ...patience, signal });
    } catch (error) {
      throw signal.aborted ? unavailable("the writer was closed", settings.grpcUrl, error) : error;
    }
  };

  /** One request. Gives the objects that were not taken, with the server's reasons. */
  async function send(objects: readonly BatchObject[]): Promise<{ object: BatchObject; failure: IsthmusError }[]> {
    const reply = await connection.call((client, options) =>
      client.batchObjects({ objects: [...objects], consistencyLevel: level }, options),
    );
    return reply.errors.flatMap(({ index, error }) => {
      const object = objects[index];
      return object === undefined ? [] : [{ object, failure: serverFailure(error, settings.grpcUrl) }];
    });
  }

  const gathered = gathering<readonly BatchObject[], IsthmusError | undefined>(
    { most: objectsPerRequest, inFlight: requestsInFlight, weigh: (objects) => objects.length, pace },
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
    async insert(objects) {
      const parts: (readonly BatchObject[])[] = [];
      for (let from = 0; from < objects.length; from += objectsPerRequest) {
        parts.push(objects.slice(from, from + objectsPerRequest));
      }
      const failures = await Promise.all(parts.map((part) => gathered(part)));
      const failure = failures.find((each) => each !== undefined);
      if (failure !== undefined) throw failure;
    },
    async remove(collection, filters) {
      for (;;) {
        const reply = await patiently(async () => {
          const answer = await connection.call((client, options) =>
            client.batchDelete({ collection, filters, consistencyLevel: level }, options),
          );
          if (answer.failed === 0n) return answer;
          throw new IsthmusError("store_unavailable", `Weaviate could not remove ${answer.failed} objects just now.`);
        });
        if (Number(reply.matches) < longestAnswer) return;
      }
    },
  };
}
