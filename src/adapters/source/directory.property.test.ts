import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fc } from "../../../test/support/fast-check.ts";
import type { Source } from "../../core/ports.ts";
import { createDirectorySource } from "./directory.ts";
import { fileUri } from "./file-uri.ts";
import { listed } from "./testing.ts";

const runs = 60;
const names = ["a.txt", "b.txt", "sub/a.txt", "sub/deep/ü 😀.txt", ".hidden", "sub/.git/x", "node_modules/y"];
const name = fc.constantFrom(...names);
/** Few and of equal size, so that sizes tell nothing. */
const text = fc.constantFrom("one", "two", "six");
/** Seconds; far in the past, so that times tell nothing. */
const time = fc.constantFrom(1_000_000_000, 1_000_000_001);

type Step =
  | { readonly kind: "write"; readonly name: string; readonly text: string; readonly time: number }
  | { readonly kind: "rename"; readonly name: string; readonly to: string }
  | { readonly kind: "remove" | "removeFolder"; readonly name: string }
  | { readonly kind: "list" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), name, text, time }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), name, to: name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("remove" as const, "removeFolder" as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("list" as const) }) },
);

let home: string;
before(async () => {
  home = mkdtempSync(join(tmpdir(), "isthmus-property-"));
  for (let run = 0; run < runs; run++) {
    for (const each of names)
      apply(join(home, `${run}`), { kind: "write", name: each, text: "one", time: 1_000_000_000 });
  }
  // Past the two seconds within which a file is not trusted to have settled: so the cache is at work in what follows.
  await sleep(2500);
});
after(() => rmSync(home, { recursive: true }));

function apply(root: string, step: Exclude<Step, { kind: "list" }>): void {
  const path = join(root, step.name);
  const folder = join(path, "..");
  if (step.kind === "write") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, step.text);
    utimesSync(path, step.time, step.time);
  } else if (step.kind === "rename") {
    mkdirSync(join(root, step.to, ".."), { recursive: true });
    try {
      renameSync(path, join(root, step.to));
    } catch {
      // Nothing there to rename.
    }
  } else if (step.kind === "remove" || folder !== root) {
    rmSync(step.kind === "remove" ? path : folder, { recursive: true, force: true });
  }
}

/** What is on the disk, by the plainest means. */
function onDisk(root: string): [uri: string, version: string][] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !path
          .slice(root.length)
          .split(sep)
          .some((part) => part.startsWith(".") || part === "node_modules"),
    )
    .map((path): [string, string] => [fileUri(path), createHash("sha256").update(readFileSync(path)).digest("hex")])
    .toSorted();
}

async function assertTrue(source: Source, root: string): Promise<void> {
  const expected = onDisk(root);
  const refs = await listed(source);
  assert.deepEqual(refs.map(({ uri, version }) => [uri, version]).toSorted(), expected);
  for (const each of names) {
    const uri = fileUri(join(root, each));
    assert.equal((await source.head(uri))?.version, expected.find(([known]) => known === uri)?.[1], each);
  }
}

test("after any changes, listing and head say what is on the disk", async () => {
  let run = 0;
  const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const root = join(home, `${run++ % runs}`);
    mkdirSync(root, { recursive: true });
    const source = await createDirectorySource(root, { cacheFile: join(home, "scan.db") });
    try {
      await assertTrue(source, root);
      for (const each of steps) {
        if (each.kind === "list") await assertTrue(source, root);
        else apply(root, each);
      }
      await assertTrue(source, root);
    } finally {
      await source.close();
    }
  });
  await fc.assert(property, { numRuns: runs });
});
