import assert from "node:assert/strict";
import { appendFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileUri } from "./file-uri.ts";
import { onWindows, watchedFolder } from "./watch.testing.ts";

describe("watching a folder", () => {
  test("a file added, changed, and removed is told each time", async (context) => {
    const { at, start, forget, untilTold } = await watchedFolder(context);
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

  test("what is there before is not told", async (context) => {
    const { told, at, start, untilSettled } = await watchedFolder(context);
    await writeFile(at("a.txt"), "one");
    await start();
    await untilSettled();
    assert.deepEqual([...told.uris], []);
  });

  test("a rename is told of both names", async (context) => {
    const { at, start, untilTold } = await watchedFolder(context);
    await writeFile(at("old.txt"), "one");
    await start();
    await rename(at("old.txt"), at("new.txt"));
    await untilTold("old.txt", "new.txt");
  });

  test("an editor's atomic save is told, again and again", async (context) => {
    const { told, at, start, forget, untilTold } = await watchedFolder(context);
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

  test("a backup name and names with newlines and emoji are told", { skip: onWindows }, async (context) => {
    const { at, start, untilTold } = await watchedFolder(context);
    await start();
    await writeFile(at("notes~"), "x");
    await writeFile(at("two\nlines 😀.txt"), "x");
    await untilTold("notes~", "two\nlines 😀.txt");
  });

  test("a change that puts the old times back is told", async (context) => {
    const { at, start, untilTold } = await watchedFolder(context);
    await writeFile(at("a.txt"), "one");
    await utimes(at("a.txt"), 2_000_000, 1_000_000);
    await start();
    await writeFile(at("a.txt"), "two");
    await utimes(at("a.txt"), 2_000_000, 1_000_000);
    await untilTold("a.txt");
  });

  test("many changes come in calls of 500 at most", async (context) => {
    const { told, at, start, untilTold } = await watchedFolder(context);
    await start();
    const names = Array.from({ length: 1200 }, (_, index) => `${index}.txt`);
    for (const name of names) await writeFile(at(name), "x");
    await untilTold(...names);
    assert.ok(told.calls.every((uris) => uris.length <= 500));
  });

  test("after close nothing is told", async (context) => {
    const { told, at, start } = await watchedFolder(context);
    const watch = await start();
    await watch.close();
    await writeFile(at("a.txt"), "x");
    await sleep(300);
    assert.deepEqual(told.calls, []);
  });
});

describe("watching a single file", () => {
  test("its changes are told, and nobody else's", async (context) => {
    const { told, at, start, forget, untilTold } = await watchedFolder(context);
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
