import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileUri } from "./file-uri.ts";
import { makePipe } from "./testing.ts";
import { onWindows, watchedFolder } from "./watch.testing.ts";

describe("watching a folder", () => {
  test("files that come with a new folder are told, however fast they come", async (context) => {
    const { told, at, start, forget, untilTold } = await watchedFolder(context);
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

  test("folders that come within each other are told by their files, whichever is seen first: the folder or its coming", async (context) => {
    const { at, start, untilTold } = await watchedFolder(context);
    await start();
    const names: string[] = [];
    for (let chain = 0; chain < 40; chain++) {
      let folder = `${chain}`;
      // One at a time, as a program unpacks them: the watch comes behind, and overtakes.
      for (let depth = 0; depth < 20; depth++) {
        await mkdir(at(folder));
        names.push(join(folder, "file.txt"));
        await writeFile(at(folder, "file.txt"), "x");
        folder = join(folder, `${depth}`);
      }
    }
    await untilTold(...names);
  });

  test("a folder that is moved is told by the files at its new place, and a rescan for those at its old", async (context) => {
    const { told, at, start, forget, until, untilTold } = await watchedFolder(context);
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

  test("a folder that is removed, and one that takes its place at once, is not lost from sight", async (context) => {
    const { told, at, start, forget, until } = await watchedFolder(context);
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

  test("a folder that a link leads to, and one that comes later, are watched", { skip: onWindows }, async (context) => {
    const { home, docs, told, at, start, forget, untilTold, untilSettled } = await watchedFolder(context);
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

  test("hidden and excluded places are not told", async (context) => {
    const { docs, told, at, start, untilSettled } = await watchedFolder(context);
    await mkdir(at("data"));
    await mkdir(at(".git"));
    await start(docs, { exclude: [at("data")] });
    for (const name of [".env", ".git/index", "data/index.db", "node_modules"]) await writeFile(at(name), "x");
    await untilSettled();
    assert.deepEqual([...told.uris], []);
  });

  test("loops and pipes hold nothing up; linked files are told", { skip: onWindows }, async (context) => {
    const { home, docs, told, at, start, forget, untilTold, untilSettled } = await watchedFolder(context);
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
});
