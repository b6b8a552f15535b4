/** More hints than this are not looked at one by one: the whole place is scanned instead. */
const mostHints = 10_000;

/** What there is to do for a place: the documents hinted at with how often each was told before, or all of it. */
export type Backlog =
  | { readonly kind: "uris"; readonly uris: ReadonlyMap<string, number> }
  | { readonly kind: "rescan"; readonly reason: string };

/** Hints that wait for their turn: each URI once, and never without bound. */
export interface HintBacklog {
  /** @param told how often these were told before. */
  add(uris: readonly string[], told?: number): void;
  /** A scan finds what any hint knows. */
  addRescan(reason: string): void;
  /** Takes all that waits; undefined when nothing does. */
  take(): Backlog | undefined;
}

export function createHintBacklog(most = mostHints): HintBacklog {
  let waiting = new Map<string, number>();
  let rescan: string | undefined;
  const addRescan = (reason: string) => {
    rescan = reason;
    waiting = new Map();
  };
  return {
    add(uris, told = 0) {
      for (const uri of uris) {
        if (rescan !== undefined) return;
        waiting.set(uri, Math.max(told, waiting.get(uri) ?? 0));
        if (waiting.size > most) addRescan("Too much has changed to look at it file by file.");
      }
    },
    addRescan,
    take() {
      if (rescan !== undefined) {
        const reason = rescan;
        rescan = undefined;
        return { kind: "rescan", reason };
      }
      if (waiting.size === 0) return undefined;
      const uris = waiting;
      waiting = new Map();
      return { kind: "uris", uris };
    },
  };
}
