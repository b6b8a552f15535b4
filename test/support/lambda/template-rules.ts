import type { Template } from "./osls.ts";

/** What must hold for the template that is deployed. Each rule gives its faults; none is good. */
export type Rule = (template: Template) => string[];

/** Actions for which AWS knows no narrower resource, each with its reason. */
const unscoped: ReadonlySet<string> = new Set([
  // X-Ray has no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  // Network interfaces have no name before they are made; the same role's Deny keeps them from the function's own code.
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
]);

/** Resources that end in characters which AWS chooses: the suffix of a secret, and the streams of one log group. */
const exactButForTheEnd = [
  /:secret:isthmus\/[\w-]+\/weaviate-api-key-\?{6}$/,
  /:log-group:\/aws\/lambda\/rag-query-api-[\w-]+-(?:query|answer):\*$/,
];

const allOf = (template: Template, type: string) =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

interface Statement {
  readonly Effect: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
}

const noWildcard: Rule = (template) => {
  const faults: string[] = [];
  const roles = allOf(template, "AWS::IAM::Role");
  if (roles.map(([id]) => id).join() !== "QueryRole,AnswerRole") faults.push(`roles ${roles.map(([id]) => id).join()}`);
  for (const type of ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"]) {
    for (const [id] of allOf(template, type)) faults.push(`${id}: ${type} beside the roles`);
  }
  for (const [id, { Properties }] of roles) {
    if (listOf(Properties.ManagedPolicyArns).length > 0) faults.push(`${id}: managed policies`);
    const trusted: Statement[] = listOf(Properties.AssumeRolePolicyDocument.Statement) as Statement[];
    for (const { Principal } of trusted) {
      if (textOf(Principal) !== '{"Service":"lambda.amazonaws.com"}') faults.push(`${id}: trusts ${textOf(Principal)}`);
    }
    const policies = listOf(Properties.Policies) as { PolicyDocument: { Statement: unknown } }[];
    const statements = policies.flatMap(({ PolicyDocument }) =>
      listOf(PolicyDocument.Statement).map(ifWanted),
    ) as Statement[];
    for (const { Effect, Action, Resource, NotAction, NotResource } of statements) {
      if (NotAction !== undefined || NotResource !== undefined) faults.push(`${id}: NotAction or NotResource`);
      if (Effect !== "Allow") continue;
      const actions = listOf(Action).map(textOf);
      for (const action of actions) if (/[*?]/.test(action)) faults.push(`${id}: action ${action}`);
      for (const resource of listOf(Resource).map((value) => sub(value))) {
        if (!/[*?]/.test(resource)) continue;
        const reasoned = resource === "*" ? actions.every((action) => unscoped.has(action)) : isExact(resource);
        if (!reasoned) faults.push(`${id}: ${actions.join(", ")} on ${resource}`);
      }
    }
  }
  for (const [id, { Properties }] of allOf(template, "AWS::Lambda::Permission")) {
    if (Properties.Principal !== "apigateway.amazonaws.com" || Properties.SourceArn === undefined) {
      faults.push(`${id}: may be called by ${textOf(Properties.Principal)}`);
    }
  }
  return faults;
};

/** A statement that is there by choice. */
function ifWanted(statement: unknown): unknown {
  return typeof statement === "object" && statement !== null && "Fn::If" in statement
    ? listOf(statement["Fn::If"])[1]
    : statement;
}

function sub(value: unknown): string {
  if (typeof value === "object" && value !== null && "Fn::Sub" in value) return String(value["Fn::Sub"]);
  return textOf(value);
}

function isExact(resource: string): boolean {
  return exactButForTheEnd.some((pattern) => pattern.test(resource));
}

/** Of a method, without its slash; the root has no resource of its own. */
const pathOf = (template: Template, properties: Template["Resources"][string]["Properties"]): string =>
  template.Resources[properties.ResourceId.Ref]?.Properties.PathPart ?? "";

/** What is the same for everybody until the next deployment. */
const still: ReadonlySet<string> = new Set(["healthz", "openapi.json", "", "app.js", "app.css", "licences.txt"]);

const authenticated: Rule = (template) => {
  const open = new Set(["readyz GET", ...[...still].map((path) => `${path} GET`)]);
  return allOf(template, "AWS::ApiGateway::Method").flatMap(([id, { Properties }]) => {
    const path = pathOf(template, Properties);
    if (Properties.HttpMethod === "OPTIONS")
      return Properties.Integration.Type === "MOCK" ? [] : [`${id}: calls the function`];
    return Properties.ApiKeyRequired === true || open.has(`${path} ${Properties.HttpMethod}`) ? [] : [`${id}: no key`];
  });
};

const openPaths = (template: Template): string[] =>
  allOf(template, "AWS::ApiGateway::Method")
    .filter(([, { Properties }]) => Properties.HttpMethod !== "OPTIONS" && Properties.ApiKeyRequired !== true)
    .map(([, { Properties }]) => pathOf(template, Properties));

/** Such answers must not take a container from a query. */
const staticFromTheGateway: Rule = (template) =>
  allOf(template, "AWS::ApiGateway::Method").flatMap(([id, { Properties }]) =>
    Properties.HttpMethod === "GET" && still.has(pathOf(template, Properties)) && Properties.Integration.Type !== "MOCK"
      ? [`${id}: calls the function`]
      : [],
  );

/** The page runs its own files alone, and a deployment that was replaced stays, so that going back brings its page back. */
const pageGuarded: Rule = (template) => {
  const pages = allOf(template, "AWS::ApiGateway::Method").filter(
    ([, { Properties }]) => Properties.HttpMethod === "GET" && pathOf(template, Properties) === "",
  );
  const faults = pages.length === 1 ? [] : [`${pages.length} pages`];
  for (const [id, { Properties }] of pages) {
    const text: string = Properties.Integration.IntegrationResponses?.[0]?.ResponseTemplates["application/json"] ?? "";
    const [, policy = ""] =
      /^#set\(\$context\.responseOverride\.header\.content-security-policy = "([^"$#]+)"\)/.exec(text) ?? [];
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "trusted-types 'none'"])
      if (!policy.split("; ").includes(part)) faults.push(`${id}: no ${part}`);
    const declared = Properties.MethodResponses?.[0]?.ResponseParameters ?? {};
    for (const name of ["content-security-policy", "x-content-type-options", "cache-control", "referrer-policy"])
      if (declared[`method.response.header.${name}`] === undefined) faults.push(`${id}: ${name} does not pass`);
  }
  for (const [id, { DeletionPolicy }] of allOf(template, "AWS::ApiGateway::Deployment"))
    if (DeletionPolicy !== "Retain") faults.push(`${id}: goes with the next`);
  return faults;
};

const throttled: Rule = (template) => {
  const faults: string[] = [];
  const bounded = (id: string, rate: unknown, burst: unknown) => {
    if (!(Number(rate) > 0 && Number(burst) > 0)) faults.push(`${id}: no throttle`);
  };
  const plans = allOf(template, "AWS::ApiGateway::UsagePlan");
  const stages = allOf(template, "AWS::ApiGateway::Stage");
  if (plans.length !== 1) faults.push(`${plans.length} usage plans`);
  if (stages.length !== 1) faults.push(`${stages.length} stages`);
  for (const [id, { Properties }] of plans)
    bounded(id, Properties.Throttle?.RateLimit, Properties.Throttle?.BurstLimit);
  for (const [id, { Properties }] of stages) {
    const [all] = listOf(Properties.MethodSettings) as Record<string, unknown>[];
    if (all?.["ResourcePath"] !== "/*" || all["HttpMethod"] !== "*") faults.push(`${id}: not for every method`);
    bounded(id, all?.["ThrottlingRateLimit"], all?.["ThrottlingBurstLimit"]);
    for (const path of openPaths(template)) {
      const own = (listOf(Properties.MethodSettings) as Record<string, unknown>[]).find(
        (each) => each["ResourcePath"] === (path === "" ? "/" : `/~1${path}`) && each["HttpMethod"] === "GET",
      );
      // So few that they keep no query from its turn.
      const few = Number(own?.["ThrottlingRateLimit"]) <= Number(all?.["ThrottlingRateLimit"]) / 10;
      if (!few) faults.push(`${id}: ${path} is open and has no throttle of its own`);
      bounded(id, own?.["ThrottlingRateLimit"], own?.["ThrottlingBurstLimit"]);
    }
  }
  for (const [id, { Properties }] of allOf(template, "AWS::Lambda::Function")) {
    // None reserved is the default; a reservation of nothing would stop everything.
    const reserved = Properties.ReservedConcurrentExecutions;
    if (reserved !== undefined && !(reserved > 0)) faults.push(`${id}: reserves ${reserved}`);
    if (Properties.Timeout !== 30) faults.push(`${id}: a timeout of ${Properties.Timeout} s`);
  }
  return faults;
};

/** A key is of use only once the stage is there that it opens, and a plan names the stage. */
const keysAfterTheStage: Rule = (template) => {
  const [stage] = allOf(template, "AWS::ApiGateway::Stage").map(([id]) => id);
  return ["AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey"]
    .flatMap((type) => allOf(template, type))
    .filter(([, { DependsOn }]) => stage === undefined || !listOf(DependsOn).includes(stage))
    .map(([id]) => `${id}: does not wait for the stage`);
};

/** Lambda puts a function into a network by interfaces that it makes as the function's role. */
const mayAttach: Rule = (template) =>
  allOf(template, "AWS::IAM::Role").flatMap(([id, { Properties }]) => {
    const statements = (listOf(Properties.Policies) as { PolicyDocument: { Statement: unknown } }[]).flatMap(
      ({ PolicyDocument }) => listOf(PolicyDocument.Statement),
    ) as Statement[];
    const allowed = new Set(statements.flatMap(({ Effect, Action }) => (Effect === "Allow" ? listOf(Action) : [])));
    return ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]
      .filter((action) => !allowed.has(action))
      .map((action) => `${id}: lacks ${action}`);
  });

const withoutSecrets: Rule = (template) => {
  const faults: string[] = [];
  const text = JSON.stringify(template);
  for (const pattern of [/AKIA[0-9A-Z]{16}/, /-----BEGIN/, /resolve:secretsmanager/, /resolve:ssm-secure/]) {
    if (pattern.test(text)) faults.push(`the template holds ${pattern}`);
  }
  for (const [id, { Properties }] of allOf(template, "AWS::ApiGateway::ApiKey")) {
    if (Properties.Value !== undefined) faults.push(`${id}: has a value`);
  }
  for (const [id, { Properties }] of allOf(template, "AWS::Lambda::Function")) {
    for (const [name, value] of Object.entries(Properties.Environment?.Variables ?? {})) {
      const secretName =
        /(KEY|TOKEN|PASSWORD|SECRET)(?!_ID$)/.test(name.replace(/SECRETS/, "")) && typeof value === "string";
      if (secretName && name !== "ISTHMUS_WEAVIATE_SECRET_ID") faults.push(`${id}: ${name} has a value`);
      const parameter = typeof value === "object" && value !== null && "Ref" in value ? String(value.Ref) : undefined;
      if (parameter !== undefined && !template.Parameters[parameter]?.Type.startsWith("AWS::SSM::Parameter::Value")) {
        faults.push(`${id}: ${name} is not from SSM`);
      }
    }
  }
  return faults;
};

const inTheNetwork: Rule = (template) =>
  allOf(template, "AWS::Lambda::Function").flatMap(([id, { Properties }]) => {
    const { SubnetIds, SecurityGroupIds } = Properties.VpcConfig ?? {};
    const parameters = [SubnetIds?.Ref, SecurityGroupIds?.[0]?.Ref].map((name) => template.Parameters[name]?.Default);
    const expected = ["/isthmus/dev/network/subnet-ids", "/isthmus/dev/network/security-group-id"];
    return JSON.stringify(parameters) === JSON.stringify(expected) ? [] : [`${id}: in ${JSON.stringify(parameters)}`];
  });

const logged: Rule = (template) => {
  const faults = allOf(template, "AWS::Logs::LogGroup").flatMap(([id, { Properties }]) =>
    Properties.RetentionInDays > 0 ? [] : [`${id}: kept for ever`],
  );
  for (const [id, { Properties }] of allOf(template, "AWS::ApiGateway::Stage")) {
    const format = Properties.AccessLogSetting?.Format ?? "";
    if (format === "") faults.push(`${id}: no access log`);
    if (/body|querystring|header|requestOverride/i.test(format)) faults.push(`${id}: logs what clients write`);
    for (const settings of listOf(Properties.MethodSettings) as Record<string, unknown>[]) {
      if (settings["DataTraceEnabled"] !== false) faults.push(`${id}: traces bodies`);
    }
    if (Properties.TracingEnabled !== true) faults.push(`${id}: not traced`);
  }
  return faults;
};

/** The gateway calls the alias alone, so that moving it back is a rollback. */
const behindTheAlias: Rule = (template) => {
  const faults: string[] = [];
  const aliases = allOf(template, "AWS::Lambda::Alias").map(([, { Properties }]) => Properties.Name);
  if (aliases.join() !== "live,live") faults.push(`aliases: ${aliases.join()}`);
  for (const [id, { Properties }] of allOf(template, "AWS::ApiGateway::Method")) {
    const { Type, Uri } = Properties.Integration;
    if (Type === "AWS_PROXY" && !/":","live","\/(?:response-streaming-)?invocations"/.test(textOf(Uri)))
      faults.push(`${id}: past the alias`);
  }
  for (const [id, { Properties }] of allOf(template, "AWS::Lambda::Permission")) {
    if (!textOf(Properties.FunctionName).includes('"live"')) faults.push(`${id}: for every version`);
  }
  return faults;
};

const readableErrors: Rule = (template) => {
  const faults: string[] = [];
  const responses = allOf(template, "AWS::ApiGateway::GatewayResponse");
  const statuses = new Set(responses.map(([, { Properties }]) => Properties.StatusCode));
  for (const status of ["400", "403", "404", "413", "429", "504"])
    if (!statuses.has(status)) faults.push(`no ${status}`);
  const deployments = allOf(template, "AWS::ApiGateway::Deployment");
  for (const [id, { Properties }] of responses) {
    const headers = Properties.ResponseParameters;
    const problem = JSON.parse(Properties.ResponseTemplates["application/json"]);
    if (String(problem.status) !== Properties.StatusCode) faults.push(`${id}: the body says ${problem.status}`);
    if (headers["gatewayresponse.header.Content-Type"] !== "'application/problem+json'")
      faults.push(`${id}: content type`);
    const origin = headers["gatewayresponse.header.Access-Control-Allow-Origin"];
    if (origin === undefined || origin.includes("*")) faults.push(`${id}: origin ${origin}`);
    for (const [, { DependsOn }] of deployments)
      if (!listOf(DependsOn).includes(id)) faults.push(`${id}: not deployed`);
  }
  for (const [id, { Properties }] of allOf(template, "AWS::ApiGateway::Method")) {
    const text = textOf(Properties.Integration.IntegrationResponses ?? "");
    if (Properties.HttpMethod === "OPTIONS" && /'\*'/.test(text)) faults.push(`${id}: any origin`);
  }
  return faults;
};

const validated: Rule = (template) =>
  allOf(template, "AWS::ApiGateway::Method").flatMap(([id, { Properties }]) => {
    if (Properties.HttpMethod !== "POST") return [];
    const path: string = template.Resources[Properties.ResourceId.Ref]?.Properties.PathPart;
    const needed = { query: "query", answer: "question" }[path];
    const validator = template.Resources[Properties.RequestValidatorId?.Ref]?.Properties;
    const model = template.Resources[Properties.RequestModels?.["application/json"]?.Ref]?.Properties;
    return validator?.ValidateRequestBody === true && needed !== undefined && model?.Schema?.required?.includes(needed)
      ? []
      : [`${id}: unchecked`];
  });

const alarmed: Rule = (template) => {
  const metrics = allOf(template, "AWS::CloudWatch::Alarm")
    .map(([, { Properties }]) => `${Properties.MetricName} ${Properties.Statistic ?? Properties.ExtendedStatistic}`)
    .sort();
  const expected = ["5XXError Sum", "Latency p99", "Throttles Sum", "Throttles Sum"];
  // An alarm on a name that nothing has stays quiet for ever.
  const [api] = allOf(template, "AWS::ApiGateway::RestApi").map(([, { Properties }]) => Properties.Name);
  const [stage] = allOf(template, "AWS::ApiGateway::Stage").map(([, { Properties }]) => Properties.StageName);
  const functions = allOf(template, "AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);
  const there: Record<string, readonly unknown[]> = { ApiName: [api], Stage: [stage], FunctionName: functions };
  const deaf = allOf(template, "AWS::CloudWatch::Alarm").flatMap(([id, { Properties }]) =>
    template.Parameters[Properties.AlarmActions?.[0]?.Ref]?.Default === "/isthmus/dev/alarms/topic-arn"
      ? []
      : [`${id}: nobody is told`],
  );
  const strange = allOf(template, "AWS::CloudWatch::Alarm").flatMap(([id, { Properties }]) =>
    (listOf(Properties.Dimensions) as { Name: string; Value: string }[])
      .filter(({ Name, Value }) => there[Name]?.includes(Value) !== true)
      .map(({ Name, Value }) => `${id}: ${Name} ${Value} is not there`),
  );
  const faults = [...strange, ...deaf];
  return metrics.join() === expected.join() ? faults : [`alarms: ${metrics.join()}`, ...faults];
};

/** An answer is passed on as it is written, and nothing else: what is streamed must be in the form that says its status. */
const streamed: Rule = (template) =>
  allOf(template, "AWS::ApiGateway::Method").flatMap(([id, { Properties }]) => {
    if (Properties.Integration.Type !== "AWS_PROXY") return [];
    const answers = template.Resources[Properties.ResourceId.Ref]?.Properties.PathPart === "answer";
    const mode = Properties.Integration.ResponseTransferMode === "STREAM";
    const uri = textOf(Properties.Integration.Uri).includes("/response-streaming-invocations");
    const told = textOf(
      template.Resources["AnswerLambdaFunction"]?.Properties.Environment.Variables.ISTHMUS_STREAM_ANSWERS,
    );
    if (mode !== uri) return [`${id}: mode and path disagree`];
    if (answers && mode !== (told === "true")) return [`${id}: the function is told ${told}`];
    return !answers && mode ? [`${id}: streams`] : [];
  });

/** The answer function may call the models that are named, and nothing where none is. */
const namedModels: Rule = (template) =>
  allOf(template, "AWS::IAM::Role").flatMap(([id, { Properties }]) => {
    const text = textOf(Properties.Policies);
    if (!text.includes("bedrock:")) return [];
    const wanted =
      '{"Fn::If":["HasBedrock",{"Sid":"CallTheModel","Effect":"Allow","Action":["bedrock:InvokeModel","bedrock:InvokeModelWithResponseStream"],' +
      '"Resource":{"Fn::Split":[",",{"Ref":"BedrockResources"}]}},{"Ref":"AWS::NoValue"}]}';
    return id === "AnswerRole" && text.split("bedrock:").length === 3 && text.includes(wanted)
      ? []
      : [`${id}: bedrock`];
  });

/** Both functions send what they tell to one place, and without one they have no such variable, so that nothing of it is loaded. */
const tracedByChoice: Rule = (template) => {
  const endpoint = template.Parameters["TracesEndpoint"]?.Default;
  const wanted = (value: unknown) => textOf({ "Fn::If": ["HasTraces", value, { Ref: "AWS::NoValue" }] });
  const faults = allOf(template, "AWS::Lambda::Function").flatMap(([id, { Properties }]) => {
    const all: Readonly<Record<string, unknown>> = Properties.Environment?.Variables ?? {};
    const named = Object.keys(all).filter((name) => name.startsWith("OTEL_"));
    return named.sort().join() === "OTEL_EXPORTER_OTLP_ENDPOINT,OTEL_TRACES_SAMPLER_ARG" &&
      // The value itself: osls publishes no version for a change that it does not see.
      textOf(all["OTEL_EXPORTER_OTLP_ENDPOINT"]) === wanted(endpoint) &&
      /^{"Fn::If":\["HasTraces","[01.]+",/.test(textOf(all["OTEL_TRACES_SAMPLER_ARG"]))
      ? []
      : [`${id}: traces`];
  });
  const condition = textOf(template.Conditions?.["HasTraces"]);
  if (condition !== '{"Fn::Not":[{"Fn::Equals":[{"Ref":"TracesEndpoint"},""]}]}')
    faults.push(`HasTraces: ${condition}`);
  return faults;
};

export const rules = {
  streamed,
  tracedByChoice,
  namedModels,
  noWildcard,
  authenticated,
  throttled,
  withoutSecrets,
  inTheNetwork,
  logged,
  behindTheAlias,
  readableErrors,
  validated,
  alarmed,
  staticFromTheGateway,
  pageGuarded,
  keysAfterTheStage,
  mayAttach,
} as const satisfies Record<string, Rule>;
