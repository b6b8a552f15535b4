// osls sets up the stage's throttle, logs and tracing by calls after the deployment, outside the template. This writes the
// stage into the template, where it can be reviewed, tested and rolled back.

const stageId = "ApiGatewayStage";

/** What is known of a request without looking into it: no body, no query string, no header. */
const accessLogFormat = JSON.stringify({
  requestId: "$context.requestId",
  traceId: "$context.xrayTraceId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  apiKeyId: "$context.identity.apiKeyId",
  method: "$context.httpMethod",
  path: "$context.resourcePath",
  status: "$context.status",
  error: "$context.error.responseType",
  latencyMs: "$context.responseLatency",
  functionMs: "$context.integrationLatency",
  bytes: "$context.responseLength",
});

class Stage {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { "before:package:finalize": () => this.add() };
  }

  add() {
    const { Resources } = this.serverless.service.provider.compiledCloudFormationTemplate;
    const { accessLogGroup, throttle } = this.serverless.service.custom.isthmus;
    const deploymentId = only(Resources, "AWS::ApiGateway::Deployment");
    const { RestApiId, StageName } = Resources[deploymentId].Properties;
    delete Resources[deploymentId].Properties.StageName;
    // A deployment is a snapshot of the API with its page: what was deployed before stays, so that going back is moving the stage.
    Resources[deploymentId].DeletionPolicy = "Retain";
    Resources[stageId] = {
      Type: "AWS::ApiGateway::Stage",
      Properties: {
        RestApiId,
        StageName,
        DeploymentId: { Ref: deploymentId },
        TracingEnabled: true,
        AccessLogSetting: { DestinationArn: { "Fn::GetAtt": [accessLogGroup, "Arn"] }, Format: accessLogFormat },
        MethodSettings: [
          settingsOf("*", "/*", throttle.rate, throttle.burst),
          ...openPaths(Resources).map((path) =>
            // A slash within a path is written ~1; the page's own path is the slash alone.
            settingsOf("GET", path === "" ? "/" : `/~1${path}`, throttle.openRate, throttle.openBurst),
          ),
        ],
      },
    };
    for (const resource of Object.values(Resources)) {
      if (["AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey"].includes(resource.Type))
        resource.DependsOn = stageId;
    }
  }
}

function settingsOf(method, path, rate, burst) {
  return {
    HttpMethod: method,
    ResourcePath: path,
    // The API and its stage have metrics of their own; those of each method are billed by the metric.
    MetricsEnabled: false,
    DataTraceEnabled: false,
    LoggingLevel: "OFF",
    ThrottlingRateLimit: Number(rate),
    ThrottlingBurstLimit: Number(burst),
  };
}

/** Where no key is asked for; "" is the root. */
function openPaths(resources) {
  return Object.values(resources)
    .filter(({ Type, Properties }) => Type === "AWS::ApiGateway::Method" && Properties.HttpMethod === "GET")
    .filter(({ Properties }) => Properties.ApiKeyRequired !== true)
    .map(({ Properties }) => resources[Properties.ResourceId.Ref]?.Properties.PathPart ?? "");
}

function only(resources, type) {
  const ids = Object.keys(resources).filter((id) => resources[id].Type === type);
  if (ids.length !== 1) throw new Error(`stage: ${ids.length} resources of type ${type}, expected 1`);
  return ids[0];
}

module.exports = Stage;
