import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";

/** Of `gcloud network-connectivity transports create`: https://docs.cloud.google.com/sdk/gcloud/reference/network-connectivity/transports/create */
const createFlags = [
  ...["--network", "--activation-key", "--bandwidth", "--remote-account-id", "--remote-profile", "--advertised-routes"],
  ...["--async", "--description", "--labels", "--region", "--stack-type", "--project"],
];

suite("interconnect.sh", { skip: process.platform === "win32" && "it is a shell script" }, () => {
  /** What it calls and says, where gcloud (which cannot run here) knows these profiles and this transport. */
  function run(
    place: { readonly profiles?: string; readonly there?: boolean; readonly states?: string },
    ...args: string[]
  ) {
    const folder = mkdtempSync(join(tmpdir(), "isthmus-interconnect-"));
    try {
      const log = join(folder, "calls");
      writeFileSync(log, "");
      writeFileSync(join(folder, "states"), `${place.states ?? "PENDING_KEY"}\n`);
      const script = `#!/bin/sh
echo "$*" >> "${log}"
case "$*" in
  *remote-profiles*) echo "${place.profiles ?? "aws-us-east-1"}" ;;
  *"value(peeringNetwork)"*) echo projects/example-tp/global/networks/transport-1-vpc ;;
  *"value(state)"*) head -1 "${folder}/states"; [ "$(wc -l < "${folder}/states")" -gt 1 ] && sed -i 1d "${folder}/states" ;;
  *describe*) exit ${place.there === true ? 0 : 1} ;;
esac
exit 0
`;
      writeFileSync(join(folder, "gcloud"), script, { mode: 0o755 });
      const environment = { PATH: `${folder}:${process.env["PATH"]}`, ISTHMUS_POLL_SECONDS: "0" };
      const file = join(root, "infra/terraform/interconnect.sh");
      const { status, stdout, stderr } = spawnSync("bash", [file, ...args], { env: environment, encoding: "utf8" });
      const calls = readFileSync(log, "utf8").split("\n").filter(Boolean);
      return { code: status, stdout, stderr, calls };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const usual = ["my-project", "--account", "012345678901"];
  const created = (calls: readonly string[]) => calls.filter((call) => call.includes("transports create"));

  test("offers a transport that tells of the load balancers alone, and waits for its key", () => {
    const { code, stdout, calls, stderr } = run({ states: "CREATING\nPENDING_KEY" }, ...usual);
    assert.equal(code, 0, stderr);
    const [call = ""] = created(calls);
    assert.match(call, /create isthmus-link .*--remote-profile aws-us-east-1 --remote-account-id 012345678901/);
    assert.match(call, /--advertised-routes 10\.10\.16\.0\/24/);
    for (const [flag] of call.matchAll(/--[\w-]+/g)) assert.ok(createFlags.includes(flag), flag);
    assert.match(stdout, /the transport is CREATING\n[\s\S]*The transport is PENDING_KEY/);
    assert.match(stdout, /TF_VAR_transport_network=projects\/example-tp\/global\/networks\/transport-1-vpc/);
  });

  test("prints variables that the root has", () => {
    const variables = readFileSync(join(root, "infra/terraform/link/variables.tf"), "utf8");
    const named = [...run({}, ...usual).stdout.matchAll(/TF_VAR_(\w+)=|-var (\w+)=/g)].map(([, a, b]) => a ?? b);
    assert.equal(named.length, 6);
    for (const name of named) assert.ok(variables.includes(`variable "${name}"`), name);
  });

  test("makes nothing twice, and nothing where the regions are no pair", () => {
    assert.deepEqual(created(run({ there: true }, ...usual).calls), []);
    const { code, stderr, calls } = run({ profiles: "aws-eu-central-1" }, ...usual);
    assert.equal(code, 1);
    assert.match(stderr, /us-east4 has no way to aws-us-east-1; it has:\naws-eu-central-1/);
    assert.deepEqual(created(calls), []);
  });

  test("a dry run calls nothing, a failed transport is an error, and an account is twelve digits", () => {
    const dry = run({}, ...usual, "--dry-run");
    assert.deepEqual(dry.calls, []);
    assert.match(dry.stdout, /\+ transports create isthmus-link/);
    assert.equal(run({ states: "FAILED" }, ...usual).code, 1);
    assert.equal(run({}, "my-project", "--account", "mine").code, 1);
  });
});

const linter = pythonBinary(pythonPrograms.cfnLint);

suite("AWS's end of the interconnect", { skip: linter.skip }, () => {
  /** @param change a fault. */
  function lint(change: (template: string) => string = (text) => text): { code: number | null; output: string } {
    const template = readFileSync(join(root, "infra/terraform/modules/interconnect/connection.json"), "utf8");
    const folder = mkdtempSync(join(tmpdir(), "isthmus-template-"));
    try {
      const file = join(folder, "template.json");
      writeFileSync(file, change(template));
      const { status, stdout, stderr } = spawnSync(linter.path ?? "", ["--regions", "us-east-1", "--", file], {
        encoding: "utf8",
      });
      return { code: status, output: stdout + stderr };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("CloudFormation's schema takes it", () => {
    const { code, output } = lint();
    assert.equal(code, 0, output);
  });

  test("a misspelt property is found", () => {
    const { code, output } = lint((text) => text.replace('"AttachPoint"', '"AttachmentPoint"'));
    assert.notEqual(code, 0);
    assert.match(output, /AttachmentPoint/);
  });
});
