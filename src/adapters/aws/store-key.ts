/** The key of the store as it is now. */
export interface StoreKey {
  /** Read once and kept; a failure is not kept, so that the next request tries again. */
  key(): Promise<string>;
  /** Read anew, past every cache: for a store that refused the key. Requests that ask together share one reading. */
  refreshKey(): Promise<string>;
}

/**
 * @param cached reads through the extension, whose cache may hold an old key for five minutes after a rotation.
 * @param fresh reads from Secrets Manager itself.
 */
export function createStoreKey(cached: () => Promise<string>, fresh: () => Promise<string>): StoreKey {
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
    key: () => known ?? keep(cached()),
    refreshKey() {
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
