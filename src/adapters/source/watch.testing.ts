import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { IsthmusError } from "../../core/errors.ts";
import { fileUri } from "./file-uri.ts";
import { watchSource } from "./watch.ts";
import type { SourceWatch, WatchOptions } from "./watch-types.ts";

export const onWindows = process.platform === "win32" && "needs links, pipes, or removal of a folder that is watched";

/** Generous: nothing here is about time. */
const deadlineMs = 30_000;

/** What a listener was told. */
export interface Told {
  uris: Set<string>;
  /** The URIs of each call. */
  calls: string[][];
  rescans: string[];
  errors: IsthmusError[];
}

/** A folder, and a listener that notes what a watch tells. */
export interface WatchedFolder {
  /** Holds `docs`, and has room for what lies outside it. */
  readonly home: string;
  readonly docs: string;
  /** What was told since `forget`. */
  readonly told: Told;
  /** A path in `docs`. */
  at(...names: string[]): string;
  /** Watches `docs`, or the given place, and waits until the watch stands. */
  start(path?: string, options?: WatchOptions): Promise<SourceWatch>;
  forget(): void;
  /** @param what is named where it does not come true in time. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Waits until all these were told, with no error and no rescan among what was told. */
  untilTold(...names: string[]): Promise<void>;
  /** Told after this, everything earlier would have been told too. */
  untilSettled(): Promise<void>;
}

/** For the length of one test; the watch is closed at its end. */
export async function watchedFolder(context: TestContext): Promise<WatchedFolder> {
  const home = await mkdtemp(join(tmpdir(), "isthmus-watch-"));
  const docs = join(home, "docs");
  await mkdir(docs);
  let watch: SourceWatch | undefined;
  context.after(async () => {
    await watch?.close();
    await rm(home, { recursive: true });
  });

  const nothing = (): Told => ({ uris: new Set(), calls: [], rescans: [], errors: [] });
  const told = nothing();
  const at = (...names: string[]) => join(docs, ...names);

  async function until(condition: () => boolean, what: string): Promise<void> {
    const end = performance.now() + deadlineMs;
    while (!condition()) {
      assert.ok(
        performance.now() < end,
        `${what} was not told; told were ${JSON.stringify({ ...told, uris: [...told.uris] })}`,
      );
      await sleep(20);
    }
  }

  async function untilTold(...names: string[]): Promise<void> {
    for (const name of names) await until(() => told.uris.has(fileUri(at(name))), name);
    assert.deepEqual(told.errors, []);
    assert.deepEqual(told.rescans, []);
  }

  return {
    home,
    docs,
    told,
    at,
    async start(path = docs, options = {}) {
      const listener = {
        onChange(uris: string[]) {
          told.calls.push(uris);
          for (const uri of uris) told.uris.add(uri);
        },
        onRescan: (reason: string) => void told.rescans.push(reason),
        onError: (error: IsthmusError) => void told.errors.push(error),
      };
      // Kept before it is ready: one that never gets there is closed too.
      watch = watchSource(path, listener, { quietMs: 50, longestMs: 500, checkMs: 50, ...options });
      await watch.ready;
      return watch;
    },
    forget: () => void Object.assign(told, nothing()),
    until,
    untilTold,
    async untilSettled() {
      await writeFile(at("marker.txt"), `${Math.random()}`);
      await untilTold("marker.txt");
      told.uris.delete(fileUri(at("marker.txt")));
    },
  };
}
