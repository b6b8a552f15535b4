import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { writeStaticAnswers } from "../../scripts/bundle/lambda-static.ts";
import { root } from "../../scripts/run.ts";
import { type Moto, motoMissing, startMoto } from "../peers/moto.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";
import { preparedOsls } from "../support/lambda/osls.ts";
import { makeTemplateZips } from "../support/lambda/template-zips.ts";
import { image } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";

const osls = preparedOsls();
const functions = ["rag-query-api-dev-query", "rag-query-api-dev-answer"] as const;

/** The pipeline's own steps, the real osls and AWS's own command line, on AWS as moto plays it. */
suite("the stack of the functions, from its first deployment to its removal", {
  skip: osls.skip || motoMissing(),
}, () => {
  let moto: Moto;
  let edge: Edge;
  let layer: string;
  const { script = "" } = osls as { readonly script?: string };

  before(async () => {
    await makeTemplateZips();
    writeStaticAnswers(join(root, "build/lambda"));
    moto = await startMoto();
    edge = createEdge(["gcloud", "aws", "npm"]);
    edge.standIn("npm", "exit 0");
    edge.put("real.json", JSON.stringify({ aws: { path: pythonBinary(pythonPrograms.awsCli).path, except: [] } }));
    edge.answer({ program: "gcloud", when: "get-credentials" });
    edge.putObject(
      "gs://example-project-isthmus-state/pipeline/deployed.json",
      JSON.stringify({ commit: "2".repeat(40), ingest_image: image }),
    );
    layer = await makeWhatTerraformMakes(moto);
  });
  after(async () => {
    await moto?.stop();
    edge?.remove();
  });

  /** @returns what the step said, as data. */
  async function step(name: string, ...args: string[]) {
    const { code, stdout, stderr } = await edge.step(name, [...args, "--json"], moto.environment);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }
  const deploy = () => step("deploy-query-lambda", "--osls", script, "--layer", layer);
  const configurationOf = (name: string, qualifier: string) =>
    moto.call("lambda", `GET /2015-03-31/functions/${name}:${qualifier}/configuration`);
  async function published(name: string): Promise<string[]> {
    const { Versions } = await moto.call("lambda", `GET /2015-03-31/functions/${name}/versions`);
    return Versions.map(({ Version }: { Version: string }) => Version);
  }
  /** The snapshot of the API that its stage serves. */
  async function served(): Promise<string> {
    const { item } = await moto.call("apigateway", "GET /restapis");
    return (await moto.call("apigateway", `GET /restapis/${item[0].id}/stages/dev`)).deploymentId;
  }
  const both = (version: string) => ({ query: version, answer: version });

  test("is made, and both functions are live", async () => {
    const { versions, before: none } = await deploy();
    assert.deepEqual([versions, none], [both("1"), {}]);
    for (const name of functions) {
      const { Environment, VpcConfig } = await configurationOf(name, "live");
      assert.equal(Environment.Variables.WEAVIATE_CA_CERTIFICATE, "the first certificate");
      assert.deepEqual([VpcConfig.SubnetIds.length, VpcConfig.SecurityGroupIds.length], [2, 1]);
    }
  });

  test("a value that changed in SSM is a new version of both, and live moves to it", async () => {
    await putParameter(moto, "weaviate/ca-certificate", "the second certificate");
    assert.deepEqual((await deploy()).versions, both("2"));
    for (const name of functions) {
      assert.deepEqual(await published(name), ["$LATEST", "1", "2"]);
      const [live, first] = [await configurationOf(name, "live"), await configurationOf(name, "1")];
      assert.equal(live.Environment.Variables.WEAVIATE_CA_CERTIFICATE, "the second certificate");
      assert.equal(first.Environment.Variables.WEAVIATE_CA_CERTIFICATE, "the first certificate");
    }
  });

  test("going back moves live on both; a deployment of what did not change makes no version and moves it forth again", async () => {
    const snapshot = await served();
    const { query, answer } = await step("rollback", "--what", "function");
    assert.deepEqual([query, answer], Array(2).fill({ from: "2", to: "1" }));
    assert.notEqual(await served(), snapshot, "the API's own answers go back too");
    for (const name of functions) assert.equal((await configurationOf(name, "live")).Version, "1");
    const { versions, before: gone } = await deploy();
    assert.deepEqual([versions, gone], [both("2"), both("1")]);
    for (const name of functions) {
      assert.equal((await configurationOf(name, "live")).Version, "2");
      assert.deepEqual(await published(name), ["$LATEST", "1", "2"]);
    }
  });

  test("the smoke test finds the API's address, its key and the live versions", async () => {
    const { summary, versions } = await step("smoke-test", "--dry-run");
    const { item } = await moto.call("apigateway", "GET /restapis");
    assert.ok(summary.endsWith(` at https://${item[0].id}.execute-api.us-east-1.amazonaws.com/dev`), summary);
    assert.deepEqual(versions, both("2"));
  });

  test("its removal leaves nothing", async () => {
    const environment = { PATH: process.env["PATH"] ?? "", HOME: edge.folder, ...moto.environment };
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "remove", "--stage", "dev"], {
      cwd: join(root, "infra"),
      encoding: "utf8",
      env: { ...environment, SLS_TELEMETRY_DISABLED: "1", ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: layer },
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.deepEqual((await moto.call("lambda", "GET /2015-03-31/functions")).Functions, []);
    assert.deepEqual((await moto.call("apigateway", "GET /restapis")).item, []);
    assert.deepEqual((await moto.call("apigateway", "GET /apikeys")).item, []);
    assert.deepEqual((await moto.call("logs", "Logs_20140328.DescribeLogGroups", {})).logGroups, []);
    assert.doesNotMatch(await moto.call("iam", "GET /?Action=ListRoles&Version=2010-05-08"), /<RoleName>/);
    assert.doesNotMatch(await moto.call("s3", "GET /"), /<Bucket>/);
    const stacks = await moto.call("cloudformation", "GET /?Action=ListStacks&Version=2010-05-15");
    assert.deepEqual(
      [...stacks.matchAll(/<StackStatus>(\w+)/g)].map(([, state]) => state),
      ["DELETE_COMPLETE"],
    );
  });
});

const putParameter = (moto: Moto, name: string, Value: string, Type = "String") =>
  moto.call("ssm", "AmazonSSM.PutParameter", { Name: `/isthmus/dev/${name}`, Value, Type, Overwrite: true });

/** The network, the parameters, the boundary, and AWS's layer. @returns the layer's ARN. */
async function makeWhatTerraformMakes(moto: Moto): Promise<string> {
  const made = async (query: string, id: RegExp) => {
    const answer: string = await moto.call("ec2", `GET /?Version=2016-11-15&Action=${query}`);
    return id.exec(answer)?.[1] ?? assert.fail(answer);
  };
  const network = await made("CreateVpc&CidrBlock=10.20.0.0/16", /<vpcId>(.*?)</);
  const subnets = ["10.20.0.0/24", "10.20.1.0/24"].map((range) =>
    made(`CreateSubnet&VpcId=${network}&CidrBlock=${range}`, /<subnetId>(.*?)</),
  );
  const group = await made(`CreateSecurityGroup&VpcId=${network}&GroupName=f&GroupDescription=f`, /<groupId>(.*?)</);
  await putParameter(moto, "network/subnet-ids", (await Promise.all(subnets)).join(), "StringList");
  await putParameter(moto, "network/security-group-id", group);
  await putParameter(moto, "weaviate/http-endpoint", "http://10.10.16.10:80");
  await putParameter(moto, "weaviate/grpc-endpoint", "https://10.10.16.10:50051");
  await putParameter(moto, "weaviate/ca-certificate", "the first certificate");
  await putParameter(moto, "alarms/topic-arn", "arn:aws:sns:us-east-1:123456789012:alarms");
  const statement = { Effect: "Allow", Action: "lambda:*", Resource: "*" };
  const policy = encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
  await moto.call(
    "iam",
    `GET /?Version=2010-05-08&Action=CreatePolicy&PolicyName=isthmus-boundary&PolicyDocument=${policy}`,
  );
  // The smallest zip that there is: an end of a central directory, of no entry.
  const empty = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]).toString("base64");
  const { LayerVersionArn } = await moto.call("lambda", "POST /2018-10-31/layers/Extension/versions", {
    Content: { ZipFile: empty },
  });
  return LayerVersionArn;
}
