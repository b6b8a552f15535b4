import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Source } from "../../core/ports.ts";
import { createDirectorySource, type DirectorySourceOptions } from "./directory.ts";
import { sourceContract } from "./source.contract.ts";
import { bytesOf, bytesRead, hasCode, listed, listedWithFaults, makePipe, nameOf, namesListed } from "./testing.ts";

const onWindows = process.platform === "win32" && "Windows has neither such links nor such names nor pipes";

sourceContract("a folder", async () => {
  const home = await mkdtemp(join(tmpdir(), "isthmus-source-"));
  const place = async (folder: string, name: string, bytes: Uint8Array) => {
    await mkdir(dirname(join(home, folder, name)), { recursive: true });
    await writeFile(join(home, folder, name), bytes);
  };
  await mkdir(join(home, "docs"));
  const source = await createDirectorySource(join(home, "docs"), { cacheFile: join(home, "data", "scan.db") });
  return {
    source,
    write: (name, bytes) => place("docs", name, bytes),
    remove: (name) => rm(join(home, "docs", name)),
    uri: (name) => pathToFileURL(join(home, "docs", name)).href,
    writeBeside: (name, bytes) => place("docs-old", name, bytes),
    uriBeside: (name) => pathToFileURL(join(home, "docs-old", name)).href,
    async close() {
      await source.close();
      await rm(home, { recursive: true });
    },
  };
});

let home: string;
let docs: string;
let opened: Source[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "isthmus-source-"));
  docs = join(home, "docs");
  await mkdir(docs);
  opened = [];
});

afterEach(async () => {
  for (const source of opened) await source.close();
  await rm(home, { recursive: true });
});

async function open(path = docs, options: DirectorySourceOptions = {}): Promise<Source> {
  const source = await createDirectorySource(path, options);
  opened.push(source);
  return source;
}

async function write(name: string, text = name): Promise<string> {
  const path = join(docs, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe("the path of a directory source", () => {
  test("one that does not exist is named in the error", async () => {
    const path = join(home, "nowhere");
    await assert.rejects(open(path), (error) => hasCode("source_not_found")(error) && `${error}`.includes(path));
    await assert.rejects(open(join(await write("file.txt"), "below")), hasCode("source_not_found"));
    await assert.rejects(open(""), hasCode("source_not_found"));
  });

  test("a folder's scope is its absolute URI with a slash, however it is written", async () => {
    const scope = `${pathToFileURL(docs).href}/`;
    assert.equal((await open(docs)).scope, scope);
    assert.equal((await open(`${docs}/`)).scope, scope);
    assert.equal((await open(join(relative(process.cwd(), docs), "."))).scope, scope);
  });

  test("a single file is a source of one document", async () => {
    const path = await write(".hidden but named.txt");
    await write("other.txt");
    const source = await open(path);
    assert.equal(source.scope, pathToFileURL(path).href);
    const [ref, ...more] = await listed(source);
    assert.ok(ref);
    assert.deepEqual(more, []);
    assert.equal(ref.uri, source.scope);
    assert.deepEqual(await source.head(source.scope), ref);
    assert.deepEqual(await bytesRead(source, ref), bytesOf(".hidden but named.txt"));
    assert.equal(await source.head(pathToFileURL(join(docs, "other.txt")).href), undefined);
    await rm(path);
    assert.equal(await source.head(source.scope), undefined);
    await assert.rejects(listed(source), hasCode("source_not_found"));
  });

  test("a link to a folder keeps the name it was given", { skip: onWindows }, async () => {
    await write("a.txt");
    const link = join(home, "link");
    await symlink(docs, link);
    const source = await open(link);
    assert.equal(source.scope, `${pathToFileURL(link).href}/`);
    assert.deepEqual(await namesListed(source), ["a.txt"]);
  });

  test("a pipe is refused, not opened", { skip: onWindows }, async () => {
    makePipe(join(home, "pipe"));
    await assert.rejects(open(join(home, "pipe")), hasCode("source_unreadable"));
  });

  test("a folder that is removed or replaced is an error, never an empty listing", async () => {
    await write("a.txt");
    const source = await open();
    const [ref] = await listed(source);
    assert.ok(ref);
    await rm(docs, { recursive: true });
    await assert.rejects(listed(source), hasCode("source_not_found"));
    await assert.rejects(source.head(ref.uri), hasCode("source_not_found"));
    await writeFile(docs, "a file by now");
    await assert.rejects(listed(source), hasCode("source_not_found"));
    await rm(docs);
    await mkdir(docs);
    assert.equal(await source.head(ref.uri), undefined);
  });
});

describe("what a folder's listing holds", () => {
  test("hidden names and node_modules are left out, and not found either", async () => {
    for (const name of [".env", ".git/config", "node_modules/pkg/readme.md", "sub/.hidden", "sub/node_modules/x.md"]) {
      await write(name);
    }
    await write("sub/seen.md");
    await write("node_modules.md");
    const source = await open();
    assert.deepEqual(await namesListed(source), ["node_modules.md", "sub/seen.md"]);
    for (const name of [".env", ".git/config", "node_modules/pkg/readme.md", "sub/.hidden"]) {
      assert.equal(await source.head(source.scope + name), undefined, name);
    }
  });

  test("excluded places are left out, however they are reached", async () => {
    await write("data/index.db");
    await write("data/models/x.bin");
    await write("data-sheet.md");
    const cacheFile = join(docs, "scan.db");
    const source = await open(docs, { exclude: [join(docs, "data")], cacheFile });
    if (onWindows === false) {
      await symlink(join(docs, "data", "models"), join(docs, "around"));
      await symlink(join(docs, "data", "index.db"), join(docs, "index.md"));
    }
    assert.deepEqual(await namesListed(source), ["data-sheet.md"]);
    for (const name of ["data/index.db", "around/x.bin", "index.md", "scan.db"]) {
      assert.equal(await source.head(source.scope + name), undefined, name);
    }
  });

  test("an excluded place may be named by way of a link", { skip: onWindows }, async () => {
    await write("data/index.db");
    await symlink(docs, join(home, "alias"));
    assert.deepEqual(await namesListed(await open(docs, { exclude: [join(home, "alias", "data")] })), []);
  });

  test("a source inside an excluded folder is read all the same", async () => {
    await write("a.txt");
    assert.deepEqual(await namesListed(await open(docs, { exclude: [home, docs] })), ["a.txt"]);
  });

  test("names with newlines, emoji and signs that URIs give a meaning come through", { skip: onWindows }, async () => {
    const names = ["two\nlines.txt", "😀/❤️.txt", "100%.txt", "a%2Fb", "what?", "a#b", " lead", "trail ", "back\\slash"];
    names.push("tab\tcr\r", "\u0001\u007f", "e\u0301", "\u00e9", "\ufeff", "*[x]{y}|^`\"<>;:&=+$,@!~'()", "\ufffd");
    for (const name of names) await write(name, `text of ${name}`);
    const source = await open();
    const refs = await listed(source);
    assert.deepEqual(refs.map((ref) => nameOf(source, ref.uri)).toSorted(), names.toSorted());
    for (const ref of refs) {
      assert.deepEqual(await source.head(ref.uri), ref);
      assert.deepEqual(await bytesRead(source, ref), bytesOf(`text of ${nameOf(source, ref.uri)}`));
    }
  });

  test("a name that is not UTF-8 is a fault, told with its bytes; the rest goes on", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux allows such names");
    const raw = (name: string) => Buffer.concat([Buffer.from(`${docs}/`), Buffer.from(name, "latin1")]);
    await writeFile(raw("caf\xe9.txt"), "x");
    await mkdir(raw("d\xff"));
    await write("caf\ufffd.txt"); // What the first name decodes to: a real one that looks alike.
    await write("plain.txt");
    const source = await open();
    const { refs, faults } = await listedWithFaults(source);
    assert.deepEqual(refs.map((ref) => nameOf(source, ref.uri)).toSorted(), ["caf\ufffd.txt", "plain.txt"]);
    assert.deepEqual(faults.map((fault) => fault.uri.slice(source.scope.length)).toSorted(), [
      "%63%61%66%E9%2E%74%78%74",
      "%64%FF/",
    ]);
    assert.ok(faults.every((fault) => fault.error.code === "source_unreadable"));
    assert.ok(faults.some((fault) => fault.error.message.includes("caf\\xe9.txt")));
  });

  test("pipes and sockets are passed over", { skip: onWindows }, async () => {
    makePipe(join(docs, "pipe.txt"));
    await symlink(join(docs, "pipe.txt"), join(docs, "link.txt"));
    await symlink("/dev/zero", join(docs, "zero.txt"));
    await write("a.txt");
    const source = await open();
    assert.deepEqual(await namesListed(source), ["a.txt"]);
    for (const name of ["pipe.txt", "link.txt", "zero.txt"])
      assert.equal(await source.head(source.scope + name), undefined);
  });

  test("a file that vanishes during the listing is not listed", async () => {
    for (let index = 0; index < 200; index++) await write(`${index}.txt`);
    const source = await open();
    let count = 0;
    for await (const item of source.list()) {
      assert.equal(item.kind, "object");
      if (count++ === 0) for (let index = 0; index < 200; index++) await rm(join(docs, `${index}.txt`));
    }
    assert.ok(count >= 1 && count < 200, `${count} were listed`);
  });

  test("a folder that vanishes as a whole during the listing is an error", async () => {
    for (let index = 0; index < 100; index++) await write(`${index}.txt`);
    const source = await open();
    const listing = async (meanwhile: () => Promise<void>) => {
      let first = true;
      for await (const _ of source.list()) {
        if (first) await meanwhile();
        first = false;
      }
    };
    const replace = async () => {
      await rename(docs, join(home, "away"));
      await mkdir(docs);
    };
    await assert.rejects(
      listing(() => rm(docs, { recursive: true })),
      hasCode("source_not_found"),
    );
    await mkdir(docs);
    for (let index = 0; index < 100; index++) await write(`${index}.txt`);
    await assert.rejects(listing(replace), hasCode("source_unavailable"));
  });
});
