import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { IsthmusError } from "../../core/errors.ts";
import { fileUri } from "./file-uri.ts";
import { hasCode, makePipe } from "./testing.ts";
import { watchSource } from "./watch.ts";
import type { BackendEvents } from "./watch-backend.ts";
import type { SourceWatch, WatchOptions } from "./watch-types.ts";

const onWindows = process.platform === "win32" && "needs links, pipes, or removal of a folder that is watched";
/** Generous: nothing here is about time. */
const deadlineMs = 30_000;

let home: string;
let docs: string;
let watch: SourceWatch | undefined;
/** What the listener was told since `forget`. */
let told: { uris: Set<string>; calls: string[][]; rescans: string[]; errors: IsthmusError[] };

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "isthmus-watch-"));
  docs = join(home, "docs");
  await mkdir(docs);
  forget();
});

afterEach(async () => {
  await watch?.close();
  watch = undefined;
  await rm(home, { recursive: true });
});

function forget(): void {
  told = { uris: new Set(), calls: [], rescans: [], errors: [] };
}

async function start(path = docs, options: WatchOptions = {}): Promise<void> {
  const listener = {
    onChange(uris: string[]) {
      told.calls.push(uris);
      for (const uri of uris) told.uris.add(uri);
    },
    onRescan: (reason: string) => void told.rescans.push(reason),
    onError: (error: IsthmusError) => void told.errors.push(error),
  };
  watch = watchSource(path, listener, { quietMs: 50, longestMs: 500, checkMs: 50, ...options });
  await watch.ready;
}

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

const at = (...names: string[]) => join(docs, ...names);

async function untilTold(...names: string[]): Promise<void> {
  for (const name of names) await until(() => told.uris.has(fileUri(at(name))), name);
  assert.deepEqual(told.errors, []);
  assert.deepEqual(told.rescans, []);
}

/** Told after this, everything earlier would have been told too. */
async function untilSettled(): Promise<void> {
  await writeFile(at("marker.txt"), `${Math.random()}`);
  await untilTold("marker.txt");
  told.uris.delete(fileUri(at("marker.txt")));
}

describe("watching a folder", () => {
  test("a file added, changed, and removed is told each time", async () => {
    await start();
    await writeFile(at("a.txt"), "one");
    await untilTold("a.txt");
    forget();
    await appendFile(at("a.txt"), "two");
    await untilTold("a.txt");
    forget();
    await rm(at("a.txt"));
    await untilTold("a.txt");
  });

  test("what is there before is not told", async () => {
    await writeFile(at("a.txt"), "one");
    await start();
    await untilSettled();
    assert.deepEqual([...told.uris], []);
  });

  test("a rename is told of both names", async () => {
    await writeFile(at("old.txt"), "one");
    await start();
    await rename(at("old.txt"), at("new.txt"));
    await untilTold("old.txt", "new.txt");
  });

  test("an editor's atomic save is told, again and again", async () => {
    await writeFile(at("a.txt"), "one");
    await start();
    for (let save = 0; save < 3; save++) {
      forget();
      await writeFile(at(".a.txt.swp"), `save ${save}`);
      await rename(at(".a.txt.swp"), at("a.txt"));
      await untilTold("a.txt");
      assert.ok(![...told.uris].some((uri) => uri.includes(".swp")));
    }
  });

  test("a backup name and names with newlines and emoji are told", { skip: onWindows }, async () => {
    await start();
    await writeFile(at("notes~"), "x");
    await writeFile(at("two\nlines 😀.txt"), "x");
    await untilTold("notes~", "two\nlines 😀.txt");
  });

  test("a change that puts the old times back is told", async () => {
    await writeFile(at("a.txt"), "one");
    await utimes(at("a.txt"), 2_000_000, 1_000_000);
    await start();
    await writeFile(at("a.txt"), "two");
    await utimes(at("a.txt"), 2_000_000, 1_000_000);
    await untilTold("a.txt");
  });

  test("files that come with a new folder are told, however fast they come", async () => {
    await start();
    await mkdir(at("new", "deep"), { recursive: true });
    const names = Array.from({ length: 50 }, (_, index) => join("new", "deep", `${index}.txt`));
    for (const name of names) await writeFile(at(name), "x");
    await untilTold(...names);
    assert.ok(![at("new"), at("new", "deep")].some((folder) => told.uris.has(fileUri(folder))), "folders are no files");
    forget();
    await writeFile(at("new", "deep", "later.txt"), "x");
    await untilTold(join("new", "deep", "later.txt"));
  });

  test("a folder that is moved is told by the files at its new place, and a rescan for those at its old", async () => {
    await mkdir(at("sub", "deep"), { recursive: true });
    await writeFile(at("sub", "a.txt"), "x");
    await writeFile(at("sub", "deep", "b.txt"), "x");
    await start();
    await rename(at("sub"), at("moved"));
    await until(() => told.rescans.length > 0, "the move");
    forget();
    await writeFile(at("moved", "deep", "b.txt"), "y");
    await untilTold(join("moved", "deep", "b.txt"));
    forget();
    await mkdir(at("sub"));
    await writeFile(at("sub", "a.txt"), "z");
    await untilTold(join("sub", "a.txt"));
  });

  test("a folder that is removed, and one that takes its place at once, is not lost from sight", async () => {
    await mkdir(at("sub"));
    await writeFile(at("sub", "a.txt"), "x");
    await start();
    await rm(at("sub"), { recursive: true });
    await mkdir(at("sub"));
    await until(() => told.rescans.length > 0, "the removal");
    forget();
    await writeFile(at("sub", "a.txt"), "z");
    await until(() => told.uris.has(fileUri(at("sub", "a.txt"))), "the file");
  });

  test("a folder that a link leads to, and one that comes later, are watched", { skip: onWindows }, async () => {
    await mkdir(join(home, "outside"));
    await mkdir(at("real"));
    await symlink(join(home, "outside"), at("early"));
    await symlink(at("real"), at("twin"));
    await start();
    await symlink(join(home, "outside"), at("late"));
    await symlink(docs, at("real", "loop"));
    await untilSettled();
    forget();
    await writeFile(join(home, "outside", "a.txt"), "x");
    await writeFile(at("real", "b.txt"), "x");
    await untilTold(join("early", "a.txt"), join("late", "a.txt"), join("real", "b.txt"), join("twin", "b.txt"));
    assert.deepEqual(
      [...told.uris].filter((uri) => uri.includes("loop/")),
      [],
    );
  });

  test("hidden and excluded places are not told", async () => {
    await mkdir(at("data"));
    await mkdir(at(".git"));
    await start(docs, { exclude: [at("data")] });
    for (const name of [".env", ".git/index", "data/index.db", "node_modules"]) await writeFile(at(name), "x");
    await untilSettled();
    assert.deepEqual([...told.uris], []);
  });

  test("loops and pipes hold nothing up; linked files are told", { skip: onWindows }, async () => {
    await mkdir(at("sub"));
    await symlink(docs, at("sub", "loop"));
    await symlink(at("nothing"), at("dangling"));
    await writeFile(join(home, "outside.txt"), "one");
    await symlink(join(home, "outside.txt"), at("link.txt"));
    makePipe(at("pipe"));
    await start();
    await writeFile(join(home, "outside.txt"), "two");
    await untilTold("link.txt");
    await writeFile(join(home, "new.txt"), "three");
    await rename(join(home, "new.txt"), join(home, "outside.txt"));
    await untilSettled();
    forget();
    await writeFile(join(home, "outside.txt"), "four");
    await untilTold("link.txt");
    await untilSettled();
    assert.deepEqual(
      [...told.uris].filter((uri) => /loop|pipe|dangling/.test(uri)),
      [],
    );
  });

  test("many changes come in calls of 500 at most", async () => {
    await start();
    const names = Array.from({ length: 1200 }, (_, index) => `${index}.txt`);
    for (const name of names) await writeFile(at(name), "x");
    await untilTold(...names);
    assert.ok(told.calls.every((uris) => uris.length <= 500));
  });

  test("after close nothing is told", async () => {
    await start();
    await watch?.close();
    await writeFile(at("a.txt"), "x");
    await sleep(300);
    assert.deepEqual(told.calls, []);
  });
});

describe("watching a single file", () => {
  test("its changes are told, and nobody else's", async () => {
    await writeFile(at("a.txt"), "one");
    await start(at("a.txt"));
    await writeFile(at("b.txt"), "x");
    await writeFile(at("a.txt"), "two");
    await untilTold("a.txt");
    forget();
    await writeFile(at("new.txt"), "three");
    await rename(at("new.txt"), at("a.txt"));
    await untilTold("a.txt");
    forget();
    await rm(at("a.txt"));
    await untilTold("a.txt");
    forget();
    await writeFile(at("a.txt"), "four");
    await untilTold("a.txt");
    assert.deepEqual([...told.uris], [fileUri(at("a.txt"))]);
  });
});

describe("when watching fails", () => {
  test("nothing at the path is an error", async () => {
    await assert.rejects(start(at("nowhere")), hasCode("source_not_found"));
  });

  test("a folder that goes is an error and no change; when it is back, a rescan is asked for", {
    skip: onWindows,
  }, async () => {
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

  test("a folder that is replaced is watched anew, and a rescan asked for", { skip: onWindows }, async () => {
    await start();
    await rename(docs, join(home, "away"));
    await mkdir(docs);
    await until(() => told.rescans.length > 0, "the replacement");
    forget();
    await writeFile(at("b.txt"), "x");
    await untilTold("b.txt");
  });

  /** The events of a watcher that the test plays itself. */
  async function startPlayed(options: WatchOptions = {}): Promise<BackendEvents> {
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

  test("the limit of watches is told once, and rescans are asked for from then on", async () => {
    const events = await startPlayed({ rescanMs: 100 });
    for (let index = 0; index < 100; index++) events.error(failure("ENOSPC"));
    await until(() => told.rescans.length >= 3, "three rescans");
    assert.equal(told.errors.length, 1);
    assert.ok(hasCode("source_unavailable")(told.errors[0]));
    assert.match(told.errors[0]?.message ?? "", /max_user_watches/);
  });

  test("any other failure is told, and one rescan asked for", async () => {
    const events = await startPlayed();
    events.error(failure("EIO"));
    events.touched(at("a.txt"));
    await until(() => told.rescans.length > 0, "the rescan");
    assert.equal(told.errors.length, 1);
    assert.deepEqual(told.calls, [], "the rescan covers it");
    events.touched(at("a.txt"));
    await until(() => told.uris.size > 0, "the change");
    assert.equal(told.rescans.length, 1);
  });

  test("more changes than can be told ask for a rescan", async () => {
    const events = await startPlayed();
    for (let index = 0; index < 10_001; index++) events.touched(at(`${index}.txt`));
    await until(() => told.rescans.length > 0, "the rescan");
    assert.deepEqual(told.calls, []);
  });

  test("a stream of changes without a pause is told all the same", async () => {
    const events = await startPlayed({ quietMs: 60_000, longestMs: 100 });
    events.touched(at("a.txt"));
    events.touched(at("a.txt"));
    await until(() => told.calls.length > 0, "the change");
    assert.deepEqual(told.calls, [[fileUri(at("a.txt"))]]);
  });
});
