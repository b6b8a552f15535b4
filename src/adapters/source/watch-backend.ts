import type { Inclusion } from "./inclusion.ts";

/** What is heard of a watched place. All of it is hints: the live files decide. */
export interface BackendEvents {
  /** Something happened to what is, was, or will be a file here (or, seldom, a folder). */
  touched(path: string): void;
  /** Something happened that cannot be told file by file; `reason` is a sentence. */
  lost(reason: string): void;
  /** From here on not everything is watched. */
  error(error: unknown): void;
  /** Everything is being watched. */
  ready(): void;
}

export interface BackendTarget {
  /** Absolute. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly inclusion: Inclusion;
}

/** Watches one folder or file. Tests put their own in the place of `systemBackend`, to play failures of the system. */
export type WatchBackend = (target: BackendTarget, events: BackendEvents) => { close(): void };
