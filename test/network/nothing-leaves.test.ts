import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { fakeGcsBinary } from "../peers/fake-gcs.ts";
import { deploymentSkip } from "../support/lambda/deployment.ts";
import type { Scenario } from "./inside.ts";
import { nativeLibraries } from "./traced.ts";

/** Why nothing can be observed here; false where it can. @throws with CI=true on Linux as root, where it must. */
async function observationMissing(): Promise<string | false> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return "what leaves the machine is observed in a network namespace, which needs Linux and root: not observed here";
  }
  const gaps = [
    ["unshare", "--net", "true"],
    ["ip", "-V"],
    ["strace", "-f", "-o", "/dev/null", "true"],
  ].flatMap((command) => {
    const { error, status, stderr } = spawnSync(command[0] ?? "", command.slice(1), { encoding: "utf8" });
    return error === undefined && status === 0 ? [] : [`${command.join(" ")}: ${error?.message ?? stderr.trim()}`];
  });
  if (gaps.length > 0) {
    const reason = `what leaves the machine cannot be observed here (${gaps.join("; ")}); apt-get install strace iproute2`;
    if (process.env["CI"] === "true") throw new Error(reason);
    return reason;
  }
  return (await deploymentSkip()) || (await fakeGcsBinary()).skip;
}

/** `e_machine` of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machine = process.arch === "arm64" ? 0xb7 : 0x3e;

function runsHere(path: string): boolean {
  const head = Buffer.alloc(20);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  return head.readUInt32BE(0) === 0x7f454c46 && head.readUInt16LE(18) === machine;
}

/** Native libraries of the packages that are installed with Isthmus and fit this machine. */
function librariesOfPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8"));
  return Object.entries<{ readonly dev?: boolean }>(packages)
    .filter(([, { dev }]) => dev !== true)
    .flatMap(([folder]) => nativeLibraries(join(root, folder)))
    .filter(runsHere);
}

suite("nothing leaves the machine", { skip: await observationMissing() }, () => {
  let scratch = "";
  const scenarios = new Map<string, Scenario>();
  before(async () => {
    scratch = realpathSync(mkdtempSync(join(tmpdir(), "isthmus-network-")));
    const inside = [execPath, "--disable-warning=ExperimentalWarning", join(import.meta.dirname, "inside.ts"), scratch];
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const child = spawn("unshare", ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...inside], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const last = said.trim().split("\n").at(-1) ?? "";
    assert.ok(last.startsWith("["), `${said}\n${wrong}`);
    for (const scenario of JSON.parse(last) as Scenario[]) scenarios.set(scenario.name, scenario);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  const observed = (name: string): Scenario => {
    const found = scenarios.get(name);
    assert.ok(found !== undefined, `${name} did not run`);
    return found;
  };

  test("onnxruntime as it is by default is caught: it looks names up and writes into the home directory", () => {
    const { lookups, home, files } = observed("control");
    assert.ok(lookups.length > 0);
    assert.ok(
      home.some((path) => path.includes("Microsoft")),
      home.join("\n"),
    );
    assert.ok(
      files.some((path) => path.includes("Microsoft")),
      files.join("\n"),
    );
  });

  for (const [name, outcome] of [
    ["ingest", "0"],
    ["query", "0"],
    ["library", "0"],
    ["start", "200 true"],
    ["job", "0"],
    ["function", "200 true"],
  ] as const) {
    test(`${name}: no connection, no lookup, and no file outside its own folders`, () => {
      const { connections, lookups, files, home, libraries, outcome: ended } = observed(name);
      assert.equal(ended, outcome);
      assert.ok(
        libraries.some((path) => path.includes("onnxruntime")),
        "it did not load the library",
      );
      assert.deepEqual({ connections, lookups, files, home }, { connections: [], lookups: [], files: [], home: [] });
    });
  }

  test("every native library of the packages was loaded by one of these programs", () => {
    const loaded = new Set([...scenarios.values()].flatMap(({ libraries }) => libraries.map((path) => basename(path))));
    const never = librariesOfPackages().filter((path) => !loaded.has(basename(path)));
    assert.deepEqual(never, [], "run a program that loads it in test/network/inside.ts");
  });
});
