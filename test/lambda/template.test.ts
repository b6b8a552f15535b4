import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { problemCatalogue } from "../../src/http/problem.ts";
import { gatewayRoutes } from "../support/lambda/gateway.ts";
import { gatewayProblems } from "../support/lambda/gateway-problems.ts";
import { stillIntegrations } from "../support/lambda/gateway-still.ts";
import {
  exampleLayerArn,
  packageTemplate,
  preparedOsls,
  type Resource,
  type Template,
} from "../support/lambda/osls.ts";
import { rules } from "../support/lambda/template-rules.ts";
import { makeTemplateZips } from "../support/lambda/template-zips.ts";

const osls = preparedOsls();

type Properties = Resource["Properties"];
/** A fault that somebody might make, in the template as osls writes it. */
type Mutant = [name: string, rule: keyof typeof rules, mutate: (find: Find, template: Template) => void];
/** The properties of the first resource of a type that satisfies. */
type Find = (type: string, satisfies?: (properties: Properties) => boolean) => Properties;

const statement = (find: Find, sid: string) =>
  find("AWS::IAM::Role").Policies[0].PolicyDocument.Statement.find((each: { Sid: string }) => each.Sid === sid);
const post = (find: Find) => find("AWS::ApiGateway::Method", ({ HttpMethod }) => HttpMethod === "POST");

const answering = (resources: Template["Resources"]): Properties =>
  Object.values(resources).find(
    ({ Type, Properties }) =>
      Type === "AWS::ApiGateway::Method" &&
      Properties.HttpMethod === "POST" &&
      resources[Properties.ResourceId.Ref]?.Properties.PathPart === "answer",
  )?.Properties;

const mutants: Mutant[] = [
  ["an action with a wildcard", "noWildcard", (find) => (statement(find, "ReadTheKey").Action = "secretsmanager:*")],
  ["every secret", "noWildcard", (find) => (statement(find, "ReadTheKey").Resource = "*")],
  [
    "secrets of a prefix",
    "noWildcard",
    (find) => (statement(find, "ReadTheKey").Resource = "arn:aws:secretsmanager:us-east-1:0:secret:isthmus/*"),
  ],
  ["another action that comes along", "noWildcard", (find) => statement(find, "Trace").Action.push("s3:GetObject")],
  ["every log group", "noWildcard", (find) => (statement(find, "WriteTheLog").Resource = "arn:aws:logs:*:*:*")],
  [
    "a managed policy",
    "noWildcard",
    (find) => (find("AWS::IAM::Role").ManagedPolicyArns = ["arn:aws:iam::aws:policy/x"]),
  ],
  [
    "a role for everybody",
    "noWildcard",
    (find) => (find("AWS::IAM::Role").AssumeRolePolicyDocument.Statement[0].Principal = "*"),
  ],
  [
    "a second role",
    "noWildcard",
    (_, { Resources }) => (Resources["Other"] = structuredClone(Resources["QueryRole"] as Resource)),
  ],
  ["a function for everybody", "noWildcard", (find) => (find("AWS::Lambda::Permission").Principal = "*")],
  ["a query without a key", "authenticated", (find) => (post(find).ApiKeyRequired = false)],
  [
    "one more method without a key",
    "authenticated",
    (_, { Resources }) => {
      Resources["More"] = structuredClone(Resources["ApiGatewayMethodHealthzGet"] as Resource);
      (Resources["More"] as Resource).Properties.HttpMethod = "DELETE";
    },
  ],
  ["no throttle of a key", "throttled", (find) => delete find("AWS::ApiGateway::UsagePlan").Throttle],
  ["no throttle of the stage", "throttled", (find) => delete find("AWS::ApiGateway::Stage").MethodSettings],
  [
    "an open path without a throttle",
    "throttled",
    (find) => find("AWS::ApiGateway::Stage").MethodSettings.splice(1, 1),
  ],
  [
    "an open path that may take every turn",
    "throttled",
    (find) => (find("AWS::ApiGateway::Stage").MethodSettings[1].ThrottlingRateLimit = 100),
  ],
  [
    "a still answer from the function",
    "staticFromTheGateway",
    (_, { Resources }) =>
      ((Resources["ApiGatewayMethodHealthzGet"] as Resource).Properties.Integration.Type = "AWS_PROXY"),
  ],
  [
    "a page from the function",
    "staticFromTheGateway",
    (_, { Resources }) => ((Resources["ApiGatewayMethodGet"] as Resource).Properties.Integration.Type = "AWS_PROXY"),
  ],
  [
    "a page that may ask anybody",
    "pageGuarded",
    (_, { Resources }) => {
      const [response] = (Resources["ApiGatewayMethodGet"] as Resource).Properties.Integration.IntegrationResponses;
      const text: string = response.ResponseTemplates["application/json"];
      response.ResponseTemplates["application/json"] = text.replace("connect-src 'self'", "connect-src *");
    },
  ],
  [
    "a page whose policy does not pass",
    "pageGuarded",
    (_, { Resources }) => {
      const [response] = (Resources["ApiGatewayMethodGet"] as Resource).Properties.MethodResponses;
      delete response.ResponseParameters["method.response.header.content-security-policy"];
    },
  ],
  [
    "a deployment that is gone with the next",
    "pageGuarded",
    (_, { Resources }) => {
      const [deployment] = Object.values(Resources).filter(({ Type }) => Type === "AWS::ApiGateway::Deployment");
      delete (deployment as { DeletionPolicy?: string }).DeletionPolicy;
    },
  ],
  [
    "a list of documents for everybody",
    "authenticated",
    (_, { Resources }) => delete (Resources["ApiGatewayMethodDocumentsGet"] as Resource).Properties.ApiKeyRequired,
  ],
  ["an alarm that nobody hears", "alarmed", (find) => delete find("AWS::CloudWatch::Alarm").AlarmActions],
  ["a reservation of nothing", "throttled", (find) => (find("AWS::Lambda::Function").ReservedConcurrentExecutions = 0)],
  [
    "a usage plan before its stage",
    "keysAfterTheStage",
    (_, { Resources }) => {
      const plan = Object.values(Resources).find(({ Type }) => Type === "AWS::ApiGateway::UsagePlan");
      delete (plan as { DependsOn?: unknown }).DependsOn;
    },
  ],
  [
    "a key before its stage",
    "keysAfterTheStage",
    (_, { Resources }) => {
      const key = Object.values(Resources).find(({ Type }) => Type === "AWS::ApiGateway::ApiKey");
      delete (key as { DependsOn?: unknown }).DependsOn;
    },
  ],
  [
    "a role without network interfaces",
    "mayAttach",
    (find) => (statement(find, "AttachToTheNetwork").Action = ["ec2:DescribeSubnets"]),
  ],
  [
    "an alarm on another API's name",
    "alarmed",
    (find) => (find("AWS::CloudWatch::Alarm").Dimensions[0].Value = "dev-rag-query-api"),
  ],
  ["a key's value", "withoutSecrets", (find) => (find("AWS::ApiGateway::ApiKey").Value = "canary-canary-canary")],
  [
    "the store's key in the environment",
    "withoutSecrets",
    (find) => (find("AWS::Lambda::Function").Environment.Variables.WEAVIATE_API_KEY = "canary"),
  ],
  [
    "the store's key resolved at deployment",
    "withoutSecrets",
    (find) => (find("AWS::Lambda::Function").Environment.Variables.X = "{{resolve:secretsmanager:x}}"),
  ],
  ["no network", "inTheNetwork", (find) => delete find("AWS::Lambda::Function").VpcConfig],
  ["a network by name", "inTheNetwork", (find) => (find("AWS::Lambda::Function").VpcConfig.SubnetIds = ["subnet-1"])],
  ["a log for ever", "logged", (find) => delete find("AWS::Logs::LogGroup").RetentionInDays],
  ["no access log", "logged", (find) => delete find("AWS::ApiGateway::Stage").AccessLogSetting],
  ["a log of bodies", "logged", (find) => (find("AWS::ApiGateway::Stage").MethodSettings[0].DataTraceEnabled = true)],
  [
    "a log of query strings",
    "logged",
    (find) => (find("AWS::ApiGateway::Stage").AccessLogSetting.Format += "$context.requestOverride.querystring"),
  ],
  [
    "a call past the alias",
    "behindTheAlias",
    (find) => (post(find).Integration.Uri = { "Fn::GetAtt": ["QueryLambdaFunction", "Arn"] }),
  ],
  ["another alias", "behindTheAlias", (find) => (find("AWS::Lambda::Alias").Name = "latest")],
  [
    "an answer that any page may read",
    "readableErrors",
    (find) =>
      (find("AWS::ApiGateway::GatewayResponse").ResponseParameters[
        "gatewayresponse.header.Access-Control-Allow-Origin"
      ] = "'*'"),
  ],
  [
    "an answer that is not deployed",
    "readableErrors",
    (_, { Resources }) => {
      const [deployment] = Object.values(Resources).filter(({ Type }) => Type === "AWS::ApiGateway::Deployment");
      assert.ok(Array.isArray(deployment?.DependsOn));
      deployment.DependsOn.pop();
    },
  ],
  [
    "no answer to a throttle",
    "readableErrors",
    (_, { Resources }) => {
      delete Resources["GatewayResponseThrottled"];
      delete Resources["GatewayResponseQuotaExceeded"];
    },
  ],
  ["no request validation", "validated", (find) => delete post(find).RequestValidatorId],
  [
    "an answer that is kept until it is whole, of a function that streams",
    "streamed",
    (_, { Resources }) => delete answering(Resources).Integration.ResponseTransferMode,
  ],
  [
    "a function that does not know that it is to stream",
    "streamed",
    (_, { Resources }) =>
      ((Resources["AnswerLambdaFunction"] as Resource).Properties.Environment.Variables.ISTHMUS_STREAM_ANSWERS =
        "false"),
  ],
  ["a query that streams", "streamed", (find) => (post(find).Integration.ResponseTransferMode = "STREAM")],
  [
    "every model",
    "namedModels",
    (_, { Resources }) => {
      const { Statement } = (Resources["AnswerRole"] as Resource).Properties.Policies[0].PolicyDocument;
      Statement.at(-1)["Fn::If"][1].Resource = "*";
    },
  ],
  [
    "a query function that may call models",
    "namedModels",
    (_, { Resources }) => {
      const [from, to] = ["AnswerRole", "QueryRole"].map(
        (id) => (Resources[id] as Resource).Properties.Policies[0].PolicyDocument.Statement,
      );
      to.push(from.at(-1));
    },
  ],
  [
    "traces that are always sent",
    "tracedByChoice",
    (find) =>
      (find("AWS::Lambda::Function").Environment.Variables.OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318"),
  ],
  [
    "one function that tells nothing",
    "tracedByChoice",
    (find) => delete find("AWS::Lambda::Function").Environment.Variables.OTEL_EXPORTER_OTLP_ENDPOINT,
  ],
  [
    "a change of the collector's address that no version sees",
    "tracedByChoice",
    (find) =>
      (find("AWS::Lambda::Function").Environment.Variables.OTEL_EXPORTER_OTLP_ENDPOINT["Fn::If"][1] = {
        Ref: "TracesEndpoint",
      }),
  ],
  [
    "traces to nowhere",
    "tracedByChoice",
    (_, template) => ((template.Conditions as Record<string, unknown>)["HasTraces"] = { "Fn::Not": [false] }),
  ],
  ["an alarm less", "alarmed", (_, { Resources }) => delete Resources["LatencyAlarm"]],
  [
    "an alarm more",
    "alarmed",
    (_, { Resources }) => (Resources["More"] = structuredClone(Resources["LatencyAlarm"] as Resource)),
  ],
];

describe("the template that osls writes", { skip: osls.skip }, () => {
  let template: Template;
  before(async () => {
    if (osls.skip !== false) return;
    await makeTemplateZips();
    ({ template } = packageTemplate(osls.script));
  });

  for (const [name, rule] of Object.entries(rules)) {
    it(`keeps the rule ${name}`, () => assert.deepEqual(rule(template), []));
  }

  for (const [name, rule, mutate] of mutants) {
    it(`breaks the rule ${rule} with ${name}`, () => {
      const mutant = structuredClone(template);
      const find: Find = (type, satisfies = () => true) => {
        const found = Object.values(mutant.Resources).find((each) => each.Type === type && satisfies(each.Properties));
        assert.ok(found, type);
        return found.Properties;
      };
      mutate(find, mutant);
      assert.notDeepEqual(rules[rule](mutant), []);
    });
  }

  it("is a function of the runtime, memory and name that the design says", () => {
    const { QueryLambdaFunction } = template.Resources;
    const { Runtime, MemorySize, FunctionName, Handler, Architectures, Layers, TracingConfig } =
      QueryLambdaFunction?.Properties ?? {};
    assert.deepEqual(
      [Runtime, MemorySize, FunctionName, Handler, Architectures, Layers, TracingConfig.Mode],
      ["nodejs24.x", 1024, "rag-query-api-dev-query", "lambda.handler", ["x86_64"], [exampleLayerArn], "Active"],
    );
  });

  it("has a function for answers beside it, with a zip of its own, and without streaming the same as any other", () => {
    if (osls.skip !== false) return;
    const { Runtime, FunctionName, Handler, Timeout, Role, Code } =
      template.Resources["AnswerLambdaFunction"]?.Properties ?? {};
    assert.deepEqual(
      [Runtime, FunctionName, Handler, Timeout, Role["Fn::GetAtt"][0]],
      ["nodejs24.x", "rag-query-api-dev-answer", "lambda-answer.handler", 30, "AnswerRole"],
    );
    assert.notDeepEqual(Code, template.Resources["QueryLambdaFunction"]?.Properties.Code);
    const { template: whole } = packageTemplate(osls.script, ["--param=streamAnswers=false"]);
    for (const rule of Object.values(rules)) assert.deepEqual(rule(whole), []);
    assert.notEqual(answering(whole.Resources).Integration.ResponseTransferMode, "STREAM");
    const models =
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0,arn:aws:bedrock:us-east-1:0:inference-profile/x";
    const { template: named } = packageTemplate(osls.script, [
      "--param=generator=bedrock:amazon.nova-lite-v1:0",
      `--param=bedrockResources=${models}`,
    ]);
    assert.equal(named.Parameters["BedrockResources"]?.Default, models);
    for (const rule of Object.values(rules)) assert.deepEqual(rule(named), []);
  });

  it("sends traces where it is told, by a new version of both functions", () => {
    if (osls.skip !== false) return;
    const to = "http://collector.isthmus.internal:4318";
    const { template: traced } = packageTemplate(osls.script, [
      `--param=tracesEndpoint=${to}`,
      "--param=tracesRatio=0.1",
    ]);
    for (const rule of Object.values(rules)) assert.deepEqual(rule(traced), []);
    const versions = (of: Template) =>
      Object.keys(of.Resources).filter((id) => of.Resources[id]?.Type === "AWS::Lambda::Version");
    assert.equal(versions(traced).length, 2);
    for (const id of versions(traced)) assert.ok(!versions(template).includes(id), id);
    for (const id of ["QueryLambdaFunction", "AnswerLambdaFunction"]) {
      const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } =
        traced.Resources[id]?.Properties.Environment.Variables ?? {};
      assert.deepEqual([endpoint["Fn::If"][1], ratio["Fn::If"][1]], [to, "0.1"]);
    }
  });

  it("exposes what the local gateway exposes, and answers as it does", () => {
    const { Resources } = template;
    const methods = Object.values(Resources)
      .filter(({ Type, Properties }) => Type === "AWS::ApiGateway::Method" && Properties.HttpMethod !== "OPTIONS")
      .map(({ Properties: { HttpMethod: method, ResourceId, ApiKeyRequired: key } }) => ({
        path: `/${Resources[ResourceId.Ref]?.Properties.PathPart ?? ""}`,
        method,
        key,
      }));
    assert.deepEqual(methods, [...gatewayRoutes]);
    for (const { type, code, sentence } of gatewayProblems) {
      const response = Object.values(Resources).find(({ Properties }) => Properties.ResponseType === type);
      const problem = JSON.parse(response?.Properties.ResponseTemplates["application/json"]);
      const { status, title } = problemCatalogue[code];
      assert.deepEqual([problem.code, problem.status, problem.title, problem.error], [code, status, title, sentence]);
      assert.equal(response?.Properties.StatusCode, String(status));
    }
  });

  it("gives the still answers that the local gateway gives", () => {
    for (const [path, integration] of Object.entries(stillIntegrations("http://localhost:3000"))) {
      const method = Object.values(template.Resources).find(
        ({ Type, Properties }) =>
          Type === "AWS::ApiGateway::Method" &&
          Properties.HttpMethod === "GET" &&
          `/${template.Resources[Properties.ResourceId.Ref]?.Properties.PathPart ?? ""}` === path,
      );
      assert.deepEqual(method?.Properties.Integration, integration, path);
      const [response] = integration.IntegrationResponses;
      assert.ok(response);
      const text = response.ResponseTemplates["application/json"];
      // The platform's wall for a template of an answer.
      assert.ok(text.length < 300_000, `${path}: ${text.length} characters`);
      const set = [...text.matchAll(/#set\(\$context\.responseOverride\.header\.([\w-]+) =/g)].map(([, name]) => name);
      assert.deepEqual(
        Object.keys(method?.Properties.MethodResponses[0].ResponseParameters).sort(),
        [...Object.keys(response.ResponseParameters), ...set.map((name) => `method.response.header.${name}`)].sort(),
        "the gateway passes on declared headers alone",
      );
      for (const [, encoded = ""] of text.matchAll(/\$util\.base64Decode\('([\w+/=]+)'\)/g))
        assert.match(Buffer.from(encoded, "base64").toString("latin1"), /^[\0-\x7f]*$/, `${path} is ASCII`);
    }
  });

  it("is not longer than CloudFormation takes", () => {
    assert.ok(Buffer.byteLength(JSON.stringify(template)) < 1_000_000);
  });

  it("names every origin in preflights, and its settings follow the parameters", () => {
    if (osls.skip !== false) return;
    const { template: other } = packageTemplate(
      osls.script,
      [
        "--param=corsOrigins=https://a.example,https://b.example",
        "--param=reservedConcurrency=5",
        "--param=keyRate=7",
        "--param=keyDaily=2000",
      ],
      { ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: exampleLayerArn },
    );
    const text = JSON.stringify(other.Resources["ApiGatewayMethodQueryOptions"]);
    assert.match(text, /https:\/\/a\[\.\]example/);
    assert.match(text, /https:\/\/b\[\.\]example/);
    assert.equal(other.Resources["QueryLambdaFunction"]?.Properties.ReservedConcurrentExecutions, 5);
    const plan = Object.values(other.Resources).find(({ Type }) => Type === "AWS::ApiGateway::UsagePlan");
    assert.deepEqual(plan?.Properties.Quota, { Limit: 2000, Period: "DAY" });
    for (const rule of Object.values(rules)) assert.deepEqual(rule(other), []);
  });

  it("cannot be packaged without the extension's layer: nothing is invented", () => {
    if (osls.skip !== false) return;
    assert.throws(
      () => packageTemplate(osls.script, [], { ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: "" }),
      /secretsExtensionLayerArn|layers/,
    );
  });
});
