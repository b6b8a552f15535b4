import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { lambdaPlaces, packageLambda } from "../../scripts/bundle/lambda.ts";
import { root } from "../../scripts/run.ts";
import { type Moto, motoMissing, startMoto } from "../peers/moto.ts";
import { createEdge, type Edge, type Finished } from "../pipeline/edge/edge.ts";
import { preparedOsls } from "../support/lambda/osls.ts";

const osls = preparedOsls();
const name = "rag-query-api-dev";
const certificate = "/isthmus/dev/weaviate/ca-certificate";

/** The pipeline's own steps with osls and AWS's command line, each as it comes; only AWS is moto. */
suite("the function's stack, made, changed, taken back and removed", { skip: osls.skip || motoMissing() }, () => {
  let moto: Moto;
  let edge: Edge;
  before(async () => {
    if (!existsSync(lambdaPlaces("x86_64").zip)) await packageLambda("x86_64");
    moto = await startMoto();
    edge = createEdge(["gcloud"]);
    edge.standIn("aws", `exec '${moto.cli}' "$@"`);
    // The package is there; what makes it has tests of its own.
    edge.standIn("npm", "exit 0");
  });
  after(async () => {
    edge?.remove();
    await moto?.stop();
  });

  const environment = () => ({ ...moto.environment, ISTHMUS_OSLS: osls.skip === false ? osls.script : "" });
  async function deploy(): Promise<Finished> {
    const finished = await edge.step("deploy-query-lambda", ["--layer", moto.layer], environment());
    assert.equal(finished.code, 0, `${finished.stdout}${finished.stderr}`);
    return finished;
  }
  const live = async () =>
    (await moto.aws("lambda", "get-alias", "--function-name", `${name}-query`, "--name", "live")) as {
      FunctionVersion: string;
    };
  interface Configuration {
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  }
  const configuration = async (version: string) =>
    (await moto.aws(
      ...["lambda", "get-function-configuration", "--function-name", `${name}-query`, "--qualifier", version],
    )) as Configuration;

  test("a first deployment makes all of it", async () => {
    assert.match((await deploy()).stdout, /live is version 1 \(for the first time\)/);
    assert.equal((await live()).FunctionVersion, "1");
    const { Environment } = await configuration("1");
    assert.equal(Environment.Variables["WEAVIATE_CA_CERTIFICATE"], "the first certificate");
  });

  test("a value that changed in SSM reaches the function that serves", async () => {
    const before = await configuration("1");
    await moto.aws("ssm", "put-parameter", "--overwrite", "--name", certificate, "--value", "the second certificate");
    assert.match((await deploy()).stdout, /live is version 2 \(was 1\)/);
    // (moto reads what a parameter of the template refers to when it makes a stack, and not again when it changes it: so the digest tells.)
    const after = await configuration((await live()).FunctionVersion);
    const [first, second] = [before, after].map(({ Environment }) => Environment.Variables["ISTHMUS_SETTINGS_DIGEST"]);
    assert.match(`${second}`, /^[0-9a-f]{16}$/);
    assert.notEqual(first, second);
  });

  test("going back moves the alias, and the next deployment of the same code moves it on", async () => {
    const back = await edge.step("rollback", ["--what", "function"], environment());
    assert.match(back.stdout, /live is version 1 \(was 2\)/, back.stderr);
    assert.equal((await live()).FunctionVersion, "1");
    assert.match((await deploy()).stdout, /live is version 2 \(was 1\)/);
  });

  test("a stack that fails to be made leaves what was there", async () => {
    await moto.aws("ssm", "delete-parameter", "--name", certificate);
    const failed = await edge.step("deploy-query-lambda", ["--layer", moto.layer], environment());
    assert.equal(failed.code, 1);
    assert.match(failed.stderr + failed.stdout, new RegExp(`SSM has no ${certificate}`));
    assert.equal((await live()).FunctionVersion, "2");
  });

  test("the API's key and address are found, and removal takes all of it along", async () => {
    const keys = (await moto.aws("apigateway", "get-api-keys", "--name-query", name, "--include-values")) as {
      items: { name: string; value: string }[];
    };
    assert.deepEqual(
      keys.items.map((one) => one.name),
      [name],
    );
    const teardown = readFileSync(join(root, "docs/operations/teardown.md"), "utf8");
    assert.match(teardown, /osls@[\d.]+ remove --stage "\$STAGE"/);
    const script = environment().ISTHMUS_OSLS;
    const removed = await edge.run(
      "sh",
      ["-c", `cd infra && exec '${process.execPath}' '${script}' remove --stage dev`],
      { ...environment(), ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: "none", SLS_TELEMETRY_DISABLED: "1" },
    );
    assert.equal(removed.code, 0, removed.stdout + removed.stderr);
    const { StackSummaries } = (await moto.aws(
      "cloudformation",
      "list-stacks",
      "--stack-status-filter",
      "CREATE_COMPLETE",
      "UPDATE_COMPLETE",
    )) as {
      StackSummaries: unknown[];
    };
    assert.deepEqual(StackSummaries, []);
    const { Functions } = (await moto.aws("lambda", "list-functions")) as { Functions: unknown[] };
    assert.deepEqual(Functions, []);
  });
});
