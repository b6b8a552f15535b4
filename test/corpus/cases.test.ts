import assert from "node:assert/strict";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");

test("every case is in a test by its name, with what is right for it", () => {
  const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts"], { cwd: root });
  const tests = files.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const folders = readdirSync(join(root, "test/cases"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.ok(folders.length > 100);
  // As a whole word: the name of one case may begin that of another.
  const untested = folders.filter(({ name }) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(tests));
  assert.deepEqual(
    untested.map(({ name }) => name),
    [],
  );
});
