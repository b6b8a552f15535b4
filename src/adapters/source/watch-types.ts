import type { IsthmusError } from "../../core/errors.ts";
import type { OwnFolder } from "./own-files.ts";
import type { WatchBackend } from "./watch-backend.ts";

export interface WatchListener {
  /**
   * URIs of files added, changed or removed, at most 500 a call, each a hint: the live file decides. Some may not have
   * changed at all.
   */
  onChange(uris: string[]): void;
  /** Changes may have been missed: bring the whole source up to date. `reason` is a sentence for the user. */
  onRescan(reason: string): void;
  /** Watching is impaired, or has stopped until the folder is back; the message says what to do. */
  onError(error: IsthmusError): void;
}

export interface WatchOptions {
  /** As for the source itself. */
  readonly exclude?: readonly string[];
  /** As for the source itself. */
  readonly own?: OwnFolder;
  /** Changes are told when it has been quiet for so long, in milliseconds. Default 200. */
  readonly quietMs?: number;
  /** At the latest so long after the first of them. Default 2,000. */
  readonly longestMs?: number;
  /** How often to see whether the folder is still there. Default 1,000. */
  readonly checkMs?: number;
  /** How often to ask for a rescan while not everything can be watched. Default 30,000. */
  readonly rescanMs?: number;
  /** What watches; default `systemBackend`. */
  readonly backend?: WatchBackend;
}

export interface SourceWatch {
  /**
   * Resolves when everything is watched (or the watch was closed): a full scan begun after it misses nothing. Rejects
   * with `source_not_found` when nothing is at the path.
   */
  readonly ready: Promise<void>;
  /** Afterwards nothing is told any more. */
  close(): Promise<void>;
}
