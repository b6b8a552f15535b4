import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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

test("the program installs what it runs with; the project's own scripts add their tools beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-launcher-"));
  try {
    const clone = join(folder, "clone");
    cpSync(join(launcher, ".."), join(clone, "bin"), { recursive: true });
    mkdirSync(join(clone, "src", "entry"), { recursive: true });
    writeFileSync(join(clone, "src", "entry", "cli.ts"), "");
    writeFileSync(join(clone, "script.mjs"), "");
    for (const name of ["runs-with-it", "tests-it"]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
      npm(["pack", join(folder, name), "--pack-destination", clone], folder);
    }
    const dependencies = { "runs-with-it": "file:runs-with-it-1.0.0.tgz" };
    const devDependencies = { "tests-it": "file:tests-it-1.0.0.tgz" };
    writeFileSync(join(clone, "package.json"), JSON.stringify({ type: "module", dependencies, devDependencies }));
    npm(["install", "--package-lock-only", "--offline", "--no-audit"], clone);
    const lock = readFileSync(join(clone, "package-lock.json"), "utf8");
    const packages = () => readdirSync(join(clone, "node_modules")).filter((name) => !name.startsWith("."));
    const run = (...words: string[]) => {
      const { status, stderr } = spawnSync(execPath, words, { cwd: clone, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      return stderr;
    };

    assert.match(run("bin/isthmus.mjs"), /npm ci/);
    assert.deepEqual(packages(), ["runs-with-it"]);
    const kept = statSync(join(clone, "node_modules", "runs-with-it")).ino;
    assert.equal(run("bin/isthmus.mjs"), "");

    assert.match(run("bin/run.mjs", "script.mjs"), /npm install/);
    assert.deepEqual(packages(), ["runs-with-it", "tests-it"]);
    assert.equal(statSync(join(clone, "node_modules", "runs-with-it")).ino, kept, "a running program's packages stay");
    assert.equal(readFileSync(join(clone, "package-lock.json"), "utf8"), lock);
    assert.equal(run("bin/run.mjs", "script.mjs") + run("bin/isthmus.mjs"), "");

    // A newer lock file: who has the tools keeps them.
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(clone, "package-lock.json"), later, later);
    assert.match(run("bin/isthmus.mjs"), /npm ci/);
    assert.deepEqual(packages(), ["runs-with-it", "tests-it"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function npm(words: string[], cwd: string): void {
  const { status, stderr } = spawnSync("npm", words, { cwd, encoding: "utf8", shell: process.platform === "win32" });
  assert.equal(status, 0, stderr);
}
