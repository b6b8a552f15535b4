import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileUri } from "./file-uri.ts";
import { hasCode } from "./testing.ts";
import { onWindows, type WatchedFolder, watchedFolder } from "./watch.testing.ts";
import type { BackendEvents } from "./watch-backend.ts";
import type { WatchOptions } from "./watch-types.ts";

describe("when watching fails", () => {
  test("nothing at the path is an error", async (context) => {
    const { at, start } = await watchedFolder(context);
    await assert.rejects(start(at("nowhere")), hasCode("source_not_found"));
  });

  test("a folder that goes is an error and no change; when it is back, a rescan is asked for", {
    skip: onWindows,
  }, async (context) => {
    const { home, docs, told, at, start, forget, until, untilTold } = await watchedFolder(context);
    await writeFile(at("a.txt"), "one");
    await start();
    await rename(docs, join(home, "away"));
    await until(() => told.errors.length > 0, "the loss");
    assert.ok(hasCode("source_not_found")(told.errors[0]));
    assert.ok(told.errors[0]?.message.includes(docs));
    assert.deepEqual(told.calls, []);
    await rename(join(home, "away"), docs);
    await until(() => told.rescans.length > 0, "the return");
    assert.equal(told.errors.length, 1);
    forget();
    await writeFile(at("a.txt"), "two");
    await untilTold("a.txt");
  });

  test("a folder that is replaced is watched anew, and a rescan asked for", { skip: onWindows }, async (context) => {
    const { home, docs, told, at, start, forget, until, untilTold } = await watchedFolder(context);
    await start();
    await rename(docs, join(home, "away"));
    await mkdir(docs);
    await until(() => told.rescans.length > 0, "the replacement");
    forget();
    await writeFile(at("b.txt"), "x");
    await untilTold("b.txt");
  });

  /** Watches a folder with events that the test plays itself. */
  async function startPlayed({ docs, start }: WatchedFolder, options: WatchOptions = {}): Promise<BackendEvents> {
    let events: BackendEvents | undefined;
    await start(docs, {
      ...options,
      backend: (_target, given) => {
        events = given;
        given.ready();
        return { close() {} };
      },
    });
    assert.ok(events);
    return events;
  }
  const failure = (code: string) => Object.assign(new Error(code), { code });

  test("the limit of watches is told once, and rescans are asked for from then on", async (context) => {
    const folder = await watchedFolder(context);
    const { told, until } = folder;
    const events = await startPlayed(folder, { rescanMs: 100 });
    for (let index = 0; index < 100; index++) events.error(failure("ENOSPC"));
    await until(() => told.rescans.length >= 3, "three rescans");
    assert.equal(told.errors.length, 1);
    assert.ok(hasCode("source_unavailable")(told.errors[0]));
    assert.match(told.errors[0]?.message ?? "", /max_user_watches/);
  });

  test("any other failure is told, and one rescan asked for", async (context) => {
    const folder = await watchedFolder(context);
    const { told, at, until } = folder;
    const events = await startPlayed(folder);
    events.error(failure("EIO"));
    events.touched(at("a.txt"));
    await until(() => told.rescans.length > 0, "the rescan");
    assert.equal(told.errors.length, 1);
    assert.deepEqual(told.calls, [], "the rescan covers it");
    events.touched(at("a.txt"));
    await until(() => told.uris.size > 0, "the change");
    assert.equal(told.rescans.length, 1);
  });

  test("more changes than can be told ask for a rescan", async (context) => {
    const folder = await watchedFolder(context);
    const { told, at, until } = folder;
    const events = await startPlayed(folder);
    for (let index = 0; index < 10_001; index++) events.touched(at(`${index}.txt`));
    await until(() => told.rescans.length > 0, "the rescan");
    assert.deepEqual(told.calls, []);
  });

  test("a stream of changes without a pause is told all the same", async (context) => {
    const folder = await watchedFolder(context);
    const { told, at, until } = folder;
    const events = await startPlayed(folder, { quietMs: 60_000, longestMs: 100 });
    events.touched(at("a.txt"));
    events.touched(at("a.txt"));
    await until(() => told.calls.length > 0, "the change");
    assert.deepEqual(told.calls, [[fileUri(at("a.txt"))]]);
  });
});
