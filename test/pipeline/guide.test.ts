import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseArgs } from "node:util";
import { parseCommand } from "../../scripts/ci/command.ts";
import { commands } from "../../scripts/ci/commands.ts";
import { root } from "../../scripts/run.ts";
import { readWorkflows } from "./config.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const guide = read("docs/operations/pipeline.md");
const config = ["config.yml", "continue.yml"].map((file) => read(join(".circleci", file))).join("\n");

suite("the guide to the pipeline", () => {
  test("names every job", () => {
    for (const { job, approval } of Object.values(readWorkflows()).flatMap(({ jobs }) => jobs)) {
      if (!approval) assert.ok(guide.includes(`\`${job}\``), job);
    }
    assert.ok(guide.includes("`approve_gke_infrastructure`"));
  });

  test("names every variable that a context may hold", () => {
    const given = new Set(["BASH_ENV", "CIRCLE_SHA1", "CIRCLE_PIPELINE_ID", "ISTHMUS_OSLS", "ISTHMUS_RUN_EVERYTHING"]);
    const options = [...commands.values()].flatMap((command) => Object.values(command.options));
    const variables = [
      ...options.flatMap(({ variable }) => (variable === undefined || given.has(variable) ? [] : [variable])),
      ...[...config.matchAll(/\b(?:GCP|AWS)_[A-Z_]+/g)].map(([name]) => name),
      ...[...read("infra/serverless.yml").matchAll(/\$\{.*env:(\w+)/g)].map(([, name = ""]) => name),
      // Defaults of gcp-cli/setup.
      "GOOGLE_PROJECT_NUMBER",
      "OIDC_WIP_ID",
      "OIDC_WIP_PROVIDER_ID",
    ];
    assert.ok(variables.length > 20);
    const context = guide.slice(guide.indexOf("**What the contexts hold**"), guide.indexOf("**Branch protection**"));
    for (const name of new Set(variables)) assert.ok(context.includes(`\`${name}\``), name);
  });

  test("calls steps with arguments that they take", () => {
    const calls = [...guide.matchAll(/^npm run ci -- (\S+) ?(.*)$/gm)];
    assert.ok(calls.length >= 2);
    for (const [line, step = "", args = ""] of calls) {
      const command = commands.get(step);
      assert.ok(command, line);
      const words = args.split(" ").filter(Boolean);
      assert.notEqual(parseCommand(command, words, {}), "help", line);
    }
    const [, rehearsal = ""] = /^npm run rehearse -- (.+)$/m.exec(guide) ?? [];
    parseArgs({ args: rehearsal.split(" "), options: { report: { type: "string" } } });
  });

  test("quotes messages that a step can say", () => {
    const files = ["commands/apply-infrastructure.ts", "commands/deploy-weaviate.ts", "commands/smoke-test.ts"];
    const text = [...files, "function-rollback.ts", "job.ts", "weaviate-keys.ts"]
      .map((file) => read(`scripts/ci/${file}`))
      .join("\n");
    for (const said of [
      "destroys or replaces",
      "Nothing was applied",
      "Secret weaviate-tls is not there",
      "still holds the example's names",
      "not pinned by digest",
      "holds a space or a line end",
      "a node would refuse a key in use",
      "was not started with the keys",
      "waits: ",
      "was deployed and taken back",
      "Nothing was recorded",
      "could not be rolled back",
      "stay at",
    ])
      assert.ok(text.includes(said) && guide.includes(said), said);
  });
});
