import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { motoMissing, startMoto } from "../peers/moto.ts";
import { preparedOsls } from "../support/lambda/osls.ts";

const osls = preparedOsls();

/** The plugin as osls loads it, with a service of one function: what stands in the function's environment after each change in SSM. */
const program = `
const { SSMClient, PutParameterCommand, DeleteParameterCommand } = require("@aws-sdk/client-ssm");
const Plugin = require(${JSON.stringify(join(root, "infra/serverless/settings-digest.cjs"))});
const credentials = { accessKeyId: "nobody", secretAccessKey: "nothing" };
const settings = { region: "us-east-1", endpoint: process.argv[2], credentials };
const client = new SSMClient(settings);
const names = Array.from({ length: 12 }, (_, index) => "/isthmus/dev/setting-" + index);
const put = (Name, Value) => client.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
async function digest(command = "deploy") {
  const query = { environment: { OTHER: "stays" } };
  const Type = "AWS::SSM::Parameter::Value<String>";
  const plugin = new Plugin({
    processedInput: { commands: [command] },
    service: {
      resources: { Parameters: Object.fromEntries(names.map((Default, index) => ["P" + index, { Type, Default }])) },
      getAllFunctions: () => ["query"],
      getFunction: () => query,
    },
    getProvider: () => ({ getAwsSdkV3Config: async () => settings }),
  });
  await plugin.hooks["before:package:compileFunctions"]();
  return query.environment;
}
(async () => {
  for (const name of names) await put(name, "first");
  const seen = [await digest(), await digest(), await digest("package")];
  await put(names[11], "second");
  seen.push(await digest());
  await client.send(new DeleteParameterCommand({ Name: names[3] }));
  seen.push(await digest().catch(({ message }) => message));
  process.stdout.write(JSON.stringify(seen));
})();
`;

suite("a value that changes in SSM", { skip: osls.skip || motoMissing() }, () => {
  test("changes the function itself, and one that is missing ends the deployment", async () => {
    const moto = await startMoto();
    const folder = mkdtempSync(join(tmpdir(), "isthmus-digest-"));
    try {
      // The plugin takes the client that osls brings, from beside the program that runs.
      const { script = "" } = osls as { script?: string };
      symlinkSync(join(script, "../../.."), join(folder, "node_modules"));
      const file = join(folder, "main.cjs");
      writeFileSync(file, program);
      const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, AWS_EC2_METADATA_DISABLED: "true" };
      const ran = spawnSync(process.execPath, [file, moto.url], { env: environment, encoding: "utf8" });
      assert.equal(ran.status, 0, ran.stderr);
      const [first, again, packaged, second, missing] = JSON.parse(ran.stdout);
      assert.match(first.ISTHMUS_SETTINGS_DIGEST, /^[0-9a-f]{16}$/);
      assert.deepEqual(again, first, "the same values, the same function");
      assert.deepEqual(packaged, { OTHER: "stays" }, "packaging looks nothing up");
      assert.notEqual(second.ISTHMUS_SETTINGS_DIGEST, first.ISTHMUS_SETTINGS_DIGEST);
      assert.equal(second.OTHER, "stays");
      assert.match(missing, /SSM has no \/isthmus\/dev\/setting-3; infra\/terraform\/aws makes them/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await moto.stop();
    }
  });
});
