import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ObjectRef } from "../../../core/types.ts";
import { createListingSpill } from "./spill.ts";

const ref = (uri: string, size = 1): ObjectRef => ({ uri, version: "v", size, updatedAt: "2026-01-01T00:00:00Z" });

test("gives the listing back in pages by code point order, counts it, and knows what it holds", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-spill-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const spill = createListingSpill(join(folder, "new"));
  const names = ["b", "a", "～", "🙂", "a'\"%", "é"];
  spill.add(names.map((name) => ref(name, 10)));
  spill.add([{ ...ref("b", 3), generation: 1_700_000_000_000_123, contentType: "text/plain" }]);
  spill.add([]);
  assert.deepEqual(
    spill.page(undefined, 10).map(({ uri }) => uri),
    ["a", "a'\"%", "b", "é", "～", "🙂"],
  );
  assert.deepEqual(
    spill.page("a'\"%", 2).map(({ uri }) => uri),
    ["b", "é"],
  );
  assert.equal(spill.page("a", 2)[1]?.generation, 1_700_000_000_000_123);
  assert.deepEqual([spill.count, spill.bytes], [6, 53]);
  assert.deepEqual(spill.present(["a", "c", "🙂"]), new Set(["a", "🙂"]));
  spill.close();
  spill.close();
  assert.deepEqual(readdirSync(join(folder, "new")), []);
});

test("takes objects out again, and knows what hidden places hide", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-spill-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const spill = createListingSpill(folder);
  spill.add([ref("a", 3), ref("b", 4)]);
  spill.remove("a");
  spill.remove("unknown");
  assert.deepEqual([spill.count, spill.bytes, spill.present(["a", "b"])], [1, 4, new Set(["b"])]);
  spill.hide("file:///x/closed/");
  spill.hide("file:///x/link/");
  spill.hide("file:///x/file.txt");
  const uris = ["closed/a.txt", "closed/deep/b.txt", "link", "file.txt", "file.txt2", "closed2/a.txt", "open.txt"];
  const hidden = spill.hidden(uris.map((name) => `file:///x/${name}`));
  assert.deepEqual(
    [...hidden].map((uri) => uri.slice("file:///x/".length)),
    ["closed/a.txt", "closed/deep/b.txt", "link", "file.txt"],
  );
  spill.close();
});

test("sweeps what dead processes left, and nothing of the living", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-spill-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const dead = spawnSync(process.execPath, ["--version"]).pid;
  const living = createListingSpill(folder);
  writeFileSync(join(folder, `listing-${dead}-00ff.sqlite`), "");
  writeFileSync(join(folder, "listing-of-mine.sqlite"), "");
  const second = createListingSpill(folder);
  living.add([ref("a")]);
  assert.equal(readdirSync(folder).length, 3);
  assert.equal(living.count, 1);
  living.close();
  second.close();
  assert.deepEqual(readdirSync(folder), ["listing-of-mine.sqlite"]);
});
