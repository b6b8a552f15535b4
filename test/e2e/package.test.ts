import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root, track } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "isthmus-package-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The Node that a person's npm runs on, as npm tells it: 20 or newer, and usually not the one these tests run on. */
const machineNode = process.env["npm_node_execpath"] ?? "node";

/** Made and installed by the first test, packed by the second: one install of everything is enough. */
const clone = join(folder, "clone");

/** npm under that Node, with what npm itself put into our environment taken out, and the cache before the network. */
function npm(args: readonly string[], cwd: string) {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_|^INIT_CWD$/.test(name)),
  );
  const cli = process.env["npm_execpath"];
  const [command, ...before] = cli === undefined ? ["npm"] : [machineNode, cli];
  const result = spawnSync(command ?? "npm", [...before, ...args], {
    cwd,
    encoding: "utf8",
    env: {
      ...environment,
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      ONNXRUNTIME_NODE_INSTALL: "skip",
    },
  });
  assert.equal(result.status, 0, `npm ${args.join(" ")}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

async function isthmus(args: readonly string[], cwd: string, bin: string) {
  const child = spawn(machineNode, [bin, ...args], {
    cwd,
    env: { ...process.env, ISTHMUS_DATA_DIR: join(cwd, "data") },
  });
  return await track(child).ended;
}

async function worksAsACommand(cwd: string, bin: string): Promise<void> {
  mkdirSync(join(cwd, "my-docs"), { recursive: true });
  writeFileSync(join(cwd, "my-docs/backups.md"), "# Backups\n\nBackups are kept for thirty days.\n");
  const ingested = await isthmus(["ingest", "my-docs", "--json"], cwd, bin);
  assert.equal(ingested.code, 0, ingested.stderr);
  assert.equal(ingested.json<{ added: number }>().added, 1);
  const asked = await isthmus(["query", "how long are backups kept?", "--json"], cwd, bin);
  assert.equal(asked.code, 0, asked.stderr);
  assert.equal(
    asked.json<{ results: { content: string }[] }>().results[0]?.content,
    "Backups are kept for thirty days.",
  );
  const missing = await isthmus(["ingest", "nowhere"], cwd, bin);
  assert.equal(missing.code, 1, "exit codes pass through the bootstrap");
}

test("a fresh clone installs itself under the machine's own Node and works", { timeout: 600_000 }, async (context) => {
  context.diagnostic(`machine's Node: ${spawnSync(machineNode, ["--version"], { encoding: "utf8" }).stdout.trim()}`);
  // What a clone of the working tree would hold: everything that git does not ignore.
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of listed.stdout.split("\0").filter((name) => name !== "")) {
    cpSync(join(root, file), join(clone, file), { force: true, errorOnExist: false });
  }
  process.env["npm_config_prefer_offline"] = "true";
  const version = await isthmus(["--version"], clone, join(clone, "bin/isthmus.mjs"));
  assert.match(version.stderr, /installing packages \(npm ci\), once/);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const again = await isthmus(["--version"], clone, join(clone, "bin/isthmus.mjs"));
  assert.equal(again.stderr, "", "the second start installs nothing");
  await worksAsACommand(clone, join(clone, "bin/isthmus.mjs"));
});

test("the packed tarball of that clone, installed, works the same way, and holds what it should", {
  timeout: 600_000,
}, async () => {
  npm(["run", "--silent", "build"], clone);
  const packed: { files: { path: string }[]; filename: string }[] = JSON.parse(
    npm(["pack", "--json", "--pack-destination", folder], clone),
  );
  const paths = packed[0]?.files.map((file) => file.path) ?? [];
  for (const needed of [
    "bin/isthmus.mjs",
    "dist/entry/cli.js",
    "dist/index.js",
    "dist/index.d.ts",
    "dist/client/index.js",
    "dist/client/index.d.ts",
    "models/all-MiniLM-L6-v2/model_int8.onnx",
    "docs/concepts.md",
    "infra/prices.json",
    "LICENSE",
    "README.md",
  ]) {
    assert.ok(paths.includes(needed), `${needed} is in the tarball`);
  }
  const stray = paths.filter(
    (path) => /^(src|test|bench|scripts)\/|\.test\.|contract|testing|fake|\.ts$/.test(path) && !path.endsWith(".d.ts"),
  );
  assert.deepEqual(stray, []);
  const workers = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("worker.ts"),
  );
  for (const worker of workers) {
    const built = `dist/${worker.replaceAll("\\", "/").replace(/\.ts$/, ".js")}`;
    assert.ok(paths.includes(built), `${built} is in the tarball`);
  }
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{"name":"home","private":true}');
  npm(["install", "--ignore-scripts", join(folder, packed[0]?.filename ?? "")], home);
  await worksAsACommand(home, join(home, "node_modules/isthmus/bin/isthmus.mjs"));
  const program =
    'import { createClient } from "isthmus/client"; console.log(typeof createClient({ url: "http://a" }).query)';
  const asked = spawnSync(machineNode, ["--input-type=module", "--eval", program], { cwd: home, encoding: "utf8" });
  assert.equal(asked.stdout, "function\n", `the client, on the machine's Node: ${asked.stderr}`);
  const files = paths.filter((path) => /^dist\/client\/.*\.js$/.test(path));
  const bytes = files.reduce((sum, path) => sum + statSync(join(home, "node_modules/isthmus", path)).size, 0);
  assert.ok(bytes > 0 && bytes < 10_000, `the client has ${bytes} bytes`);
});
