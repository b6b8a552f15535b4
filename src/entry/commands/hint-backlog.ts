/** More hints than this are not looked at one by one: the whole place is scanned instead. */
const mostHints = 10_000;

/** What there is to do for a place: the documents hinted at, or all of it. */
export type Work = { readonly kind: "uris"; readonly uris: readonly string[] } | { readonly kind: "rescan" };

/** Hints that wait for their turn: each URI once, and never without bound. */
export interface HintBacklog {
  add(uris: readonly string[]): void;
  /** A scan finds what any hint knows. */
  addRescan(): void;
  /** Takes all that waits; undefined when nothing does. */
  take(): Work | undefined;
}

export function createHintBacklog(most = mostHints): HintBacklog {
  let waiting = new Set<string>();
  let rescan = false;
  const addRescan = () => {
    rescan = true;
    waiting = new Set();
  };
  return {
    add(uris) {
      for (const uri of uris) {
        if (rescan) return;
        waiting.add(uri);
        if (waiting.size > most) addRescan();
      }
    },
    addRescan,
    take() {
      if (rescan) {
        rescan = false;
        return { kind: "rescan" };
      }
      if (waiting.size === 0) return undefined;
      const uris = [...waiting];
      waiting = new Set();
      return { kind: "uris", uris };
    },
  };
}
