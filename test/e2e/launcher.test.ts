import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";

const launcher = join(import.meta.dirname, "..", "..", "bin", "run.mjs");

test("the program runs with two glibc heaps, unless the person says otherwise", () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-launcher-"));
  try {
    const script = join(folder, "heaps.mjs");
    writeFileSync(script, "process.stdout.write(String(process.env.MALLOC_ARENA_MAX));\n");
    const { MALLOC_ARENA_MAX: _, ...environment } = process.env;
    const heaps = (env: NodeJS.ProcessEnv) => spawnSync(execPath, [launcher, script], { env, encoding: "utf8" }).stdout;
    assert.equal(heaps(environment), "2");
    assert.equal(heaps({ ...environment, MALLOC_ARENA_MAX: "5" }), "5");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("packages of another checkout, reached by a link, are not emptied by an installation", {
  skip: process.platform === "win32" && "links need a privilege there",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-launcher-"));
  try {
    const [clone, elsewhere] = [join(folder, "clone"), join(folder, "elsewhere")];
    cpSync(join(launcher, ".."), join(clone, "bin"), { recursive: true });
    mkdirSync(join(clone, "src"));
    mkdirSync(join(elsewhere, "some-package"), { recursive: true });
    writeFileSync(join(clone, "package.json"), "{}");
    // Never installed, as far as this clone knows: npm ci would be next.
    writeFileSync(join(clone, "package-lock.json"), '{ "lockfileVersion": 3, "packages": {} }');
    symlinkSync(elsewhere, join(clone, "node_modules"));
    writeFileSync(join(clone, "script.mjs"), 'process.stdout.write("ran");\n');
    const { stdout, stderr } = spawnSync(execPath, [join(clone, "bin", "run.mjs"), "script.mjs"], { encoding: "utf8" });
    assert.equal(stdout, "ran");
    assert.match(stderr, /node_modules is a link to .*elsewhere and older than package-lock\.json/);
    assert.ok(readdirSync(elsewhere).includes("some-package"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
