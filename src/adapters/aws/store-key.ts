import type { KeySource } from "../store/weaviate/settings.ts";

/** Milliseconds for which a key that was read anew counts as new: requests that are refused together arrive apart. */
const freshMs = 1_000;

/**
 * The store's key in AWS. It is read once and kept; a failure is not kept, so that the next request tries again. A refresh
 * reads it anew for a store that refused it, at most once a second.
 *
 * @param cached reads through the extension, whose cache may hold an old key for five minutes after a rotation.
 * @param fresh reads from Secrets Manager itself.
 */
export function createStoreKey(
  cached: () => Promise<string>,
  fresh: () => Promise<string>,
  now: () => number = () => performance.now(),
): KeySource {
  let known: Promise<string> | undefined;
  let refreshing: Promise<string> | undefined;
  let freshUntil = Number.POSITIVE_INFINITY;

  async function readAnew(): Promise<string> {
    try {
      const key = await fresh();
      // Only now: what was known stays until there is something newer, for the store may have refused it for another reason.
      known = Promise.resolve(key);
      freshUntil = now() + freshMs;
      return key;
    } catch (error) {
      freshUntil = 0;
      throw error;
    }
  }

  return {
    current() {
      if (known !== undefined) return known;
      const reading = cached();
      known = reading;
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
      return reading;
    },
    refresh() {
      if (refreshing === undefined || now() >= freshUntil) {
        freshUntil = Number.POSITIVE_INFINITY;
        refreshing = readAnew();
      }
      return refreshing;
    },
  };
}
