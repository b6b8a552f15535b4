import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseCommand, usage } from "../../scripts/ci/command.ts";
import { commands } from "../../scripts/ci/commands.ts";
import { root } from "../../scripts/run.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";
import { readConfig, readWorkflows, runSteps } from "./config.ts";

const files = ["config.yml", "continue.yml"] as const;
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

const schema = pythonBinary(pythonPrograms.checkJsonSchema);
suite("CircleCI's own schema", { skip: schema.skip }, () => {
  const check = (file: string) =>
    spawnSync(schema.path ?? "", ["--builtin-schema", "vendor.circle-ci", file], { encoding: "utf8" });
  for (const file of files) {
    test(`${file} is valid`, () => {
      const { status, stdout } = check(join(root, ".circleci", file));
      assert.equal(status, 0, stdout);
    });
  }
  test("it refuses what is wrong", async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-circleci-"));
    try {
      const text = await readFile(join(root, ".circleci/continue.yml"), "utf8");
      const broken = join(folder, "continue.yml");
      await writeFile(broken, text.replace("nightly: { type: boolean", "nightly: { type: switch"));
      assert.notEqual(await readFile(broken, "utf8"), text);
      assert.equal(check(broken).status, 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

const shellcheck = pythonBinary(pythonPrograms.shellcheck);
suite("shellcheck", { skip: shellcheck.skip }, () => {
  const shells = globSync("{.ci,scripts,infra}/**/*.sh", { cwd: root, exclude: (name) => name === "node_modules" });
  test("there are scripts", () => assert.ok(shells.length >= 2));
  for (const file of shells) {
    test(`${file} passes`, () => {
      const { status, stdout } = spawnSync(shellcheck.path ?? "", ["--severity=style", file], {
        cwd: root,
        encoding: "utf8",
      });
      assert.equal(status, 0, stdout);
      assert.match(readFileSync(join(root, file), "utf8"), /^#!\/usr\/bin\/env bash\n(#.*\n)*set -euo pipefail\n/);
    });
  }
  test("every run step passes", () => {
    for (const { place, command } of files.flatMap(runSteps)) {
      // What CircleCI fills in before a shell sees it.
      const input = command.replaceAll(/<< [\w.]+ >>/g, "value");
      const { status, stdout } = spawnSync(shellcheck.path ?? "", ["--shell=bash", "-"], { input, encoding: "utf8" });
      assert.equal(status, 0, `${place}\n${stdout}`);
    }
  });
});

/** Fills in what CircleCI would, with every value that a parameter can have. */
function expansions(command: string): string[] {
  const [placeholder, name] = /<< (?:pipeline\.)?parameters\.(\w+) >>/.exec(command) ?? [];
  if (placeholder === undefined || name === undefined) return [command];
  const choices = { root: ["gcp", "aws", "link"], image: ["commit", "deployed"], rollback: ["function", "weaviate"] };
  const values =
    (choices as Record<string, string[]>)[name] ?? (name === "tools" ? ["", "terraform", "syft grype", "osls"] : [""]);
  return values.flatMap((value) => expansions(command.replace(placeholder, value)));
}

/** A context's variables: names and ids. */
const context = {
  GOOGLE_PROJECT_ID: "example-project",
  ISTHMUS_NODE_DIGEST: `sha256:${"0".repeat(64)}`,
  ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: "arn:aws:lambda:us-east-1:012345678901:layer:Extension:1",
};

for (const { place, command } of files.flatMap(runSteps)) {
  test(`${place}: "${command}" calls a script of ours with arguments that it takes`, () => {
    for (const line of expansions(command)) {
      const [program, ...rest] = line
        // As root, with this user's programs: what comes then is meant.
        .replace(/^sudo --preserve-env=\S+ env "PATH=\$PATH" /, "")
        .split(" ")
        .filter(Boolean)
        .map((word) => word.replaceAll('"', ""));
      if (program === "scripts/ci/install-tools.sh") {
        assert.ok(statSync(join(root, program)).mode & 0o100);
        const { status, stderr } = spawnSync(join(root, program), [...rest, "--dry-run"], { encoding: "utf8" });
        assert.equal(status, 0, stderr);
        continue;
      }
      assert.equal(program, "npm");
      const [script = "", separator, step = "", ...args] = rest[0] === "run" ? rest.slice(1) : rest;
      const [, , file = ""] = scripts[script]?.split(" ") ?? [];
      assert.ok(existsSync(join(root, file)), `npm run ${script} starts nothing`);
      if (script !== "ci") continue;
      assert.equal(separator, "--");
      const definition = commands.get(step);
      assert.ok(definition, step);
      assert.notEqual(parseCommand(definition, args, context), "help");
    }
  });
}

test("every shell script of the pipeline has a help with an example, and tries without doing", () => {
  for (const file of globSync("scripts/ci/*.sh", { cwd: root })) {
    const ran = (...args: string[]) => spawnSync(join(root, file), args, { encoding: "utf8" });
    const help = ran("--help");
    assert.equal(help.status, 0, help.stderr);
    const example = /^Example: (.+)$/m.exec(help.stdout)?.[1] ?? "";
    assert.ok(example.startsWith(`${file} `) && help.stdout.includes("--dry-run"), file);
    const strange = ran("--strange");
    assert.equal(strange.status, 1);
    assert.match(strange.stderr, /unknown argument --strange[\s\S]*Usage: /);
  }
});

test("build_and_test runs the README's test command", () => {
  const [, documented] = /^## Test\n\n```sh\n(.+)\n```$/m.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  const steps: readonly { run?: { command?: string } }[] = readConfig("continue.yml").jobs.build_and_test.steps;
  assert.ok(
    steps.some(({ run }) => run?.command === documented),
    documented,
  );
});

test("every step is used, and has a help with an example that it takes", () => {
  const used = new Set(files.flatMap(runSteps).map(({ command }) => /npm run ci -- (\S+)/.exec(command)?.[1]));
  for (const [name, command] of commands) {
    assert.ok(used.has(name), `no job calls ${name}`);
    assert.notEqual(parseCommand(command, command.example.split(" "), {}), "help");
    const help = usage(name, command);
    assert.ok(help.includes("--dry-run") && help.includes(`Example: npm run ci -- ${name} ${command.example}`));
    for (const option of Object.keys(command.options)) assert.ok(help.includes(`--${option}`), option);
  }
});

const jobs = Object.values(readWorkflows()).flatMap((workflow) => workflow.jobs);

test("each apply comes right after its own approval, which comes after its plan", () => {
  const applies = jobs.filter(({ job }) => /^apply_/.test(job));
  assert.deepEqual(
    applies.map(({ job }) => job),
    ["apply_gke_infrastructure", "apply_aws_infrastructure", "apply_link_infrastructure"],
  );
  for (const { job, requires } of applies) {
    const approval = jobs.find(({ name }) => name === job.replace("apply", "approve"));
    assert.ok(requires.includes(approval?.name ?? "") && approval?.approval === true, job);
    assert.deepEqual(approval.requires, [job.replace("apply", "plan")]);
  }
});

test("what reaches a cloud has the context and runs on main alone; nothing else has it", () => {
  const cloudless = new Set(["build_and_test", "rehearse"]);
  for (const { name, job, contexts, approval } of jobs) {
    if (approval) continue;
    const expected = cloudless.has(job)
      ? []
      : job.startsWith("apply_")
        ? ["cloud-creds", "cloud-apply"]
        : ["cloud-creds"];
    assert.deepEqual(contexts, expected, name);
  }
  for (const [name, { when, jobs: own }] of Object.entries(readWorkflows())) {
    if (own.every(({ contexts }) => contexts.length === 0)) continue;
    const [first] = (when as { and: unknown[] }).and;
    assert.deepEqual(first, { equal: ["main", "<< pipeline.git.branch >>"] }, name);
  }
  const { workflows } = readConfig("config.yml");
  assert.deepEqual(workflows["setup-branch"].jobs, ["choose_for_branch"]);
  assert.deepEqual(workflows["setup-main"].when, { equal: ["main", "<< pipeline.git.branch >>"] });
  assert.deepEqual(workflows["setup-branch"].unless, workflows["setup-main"].when);
});

test("whatever changes a cloud is serialised, each group once in a workflow", () => {
  const alone = new Set(["build_and_test", "rehearse", "build_images", "detect_drift"]);
  for (const { jobs: own } of Object.values(readWorkflows())) {
    for (const { name, job, serialGroup, approval } of own)
      if (!approval) assert.equal(serialGroup === undefined, alone.has(job), name);
    const groups = own.flatMap(({ serialGroup }) => serialGroup ?? []);
    assert.equal(new Set(groups).size, groups.length);
  }
});

test("orbs, machine and tools stand at exact versions, and no long-lived key is named", () => {
  for (const file of files) {
    const config = readConfig(file);
    for (const orb of Object.values(config.orbs)) assert.match(String(orb), /^circleci\/[a-z-]+@\d+\.\d+\.\d+$/);
    for (const executor of Object.values<{ machine: { image: string } }>(config.executors))
      assert.match(executor.machine.image, /^ubuntu-2404:\d{4}\.\d{2}\.\d$/);
    const text = readFileSync(join(root, ".circleci", file), "utf8");
    for (const word of [/docker:/, /latest/, /:current/, /ACCESS_KEY/, /SERVICE_KEY/, /password/i, /TOKEN/])
      assert.ok(!word.test(text), `${file}: ${word}`);
  }
  assert.deepEqual(Object.keys(readConfig("config.yml").parameters), [
    "allow_destroy",
    "rollback",
    "rollback_to",
    "nightly",
  ]);
});

test("no free text of a trigger stands in a command, where the shell would run it", () => {
  for (const file of files) {
    const texts = Object.entries<{ type: string }>(readConfig(file).parameters).filter(
      ([, { type }]) => type === "string",
    );
    for (const { command } of runSteps(file))
      for (const [name] of texts) assert.ok(!command.includes(`pipeline.parameters.${name}`), command);
  }
});

test("a parameter that a trigger sets is declared alike in both files", () => {
  const [first, second] = files.map((file) => readConfig(file).parameters);
  for (const [name, { description: _, ...declared }] of Object.entries<Record<string, unknown>>(first))
    assert.deepEqual(second[name], declared, name);
});
