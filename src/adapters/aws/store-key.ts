import type { KeySource } from "../store/weaviate/settings.ts";

/**
 * The store's key in AWS. It is read once and kept; a failure is not kept, so that the next request tries again. A refresh
 * reads it anew for a store that refused it; requests that ask together share one reading.
 *
 * @param cached reads through the extension, whose cache may hold an old key for five minutes after a rotation.
 * @param fresh reads from Secrets Manager itself.
 */
export function createStoreKey(cached: () => Promise<string>, fresh: () => Promise<string>): KeySource {
  let known: Promise<string> | undefined;
  let refreshing: Promise<string> | undefined;

  function keep(reading: Promise<string>): Promise<string> {
    known = reading;
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    return reading;
  }

  return {
    current: () => known ?? keep(cached()),
    refresh() {
      refreshing ??= fresh().finally(() => {
        refreshing = undefined;
      });
      // What is known stays until there is something newer: the store may have refused it for another reason.
      const reading = refreshing;
      reading.then(
        () => {
          known = reading;
        },
        () => {},
      );
      return reading;
    },
  };
}
