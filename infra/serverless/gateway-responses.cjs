// The answers that API Gateway gives without the function, in the form of the API: problem documents that pages may read.

const problems = require("./gateway-problems.json");

class GatewayResponses {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { "before:package:finalize": () => this.add() };
  }

  add() {
    const { Resources } = this.serverless.service.provider.compiledCloudFormationTemplate;
    const [deployment] = Object.values(Resources).filter(({ Type }) => Type === "AWS::ApiGateway::Deployment");
    // A static value: the gateway cannot choose among several origins.
    const [origin] = this.serverless.service.custom.isthmus.corsOrigins.split(",").map((name) => name.trim());
    for (const problem of problems) {
      const id = `GatewayResponse${problem.type
        .split("_")
        .map((word) => word[0] + word.slice(1).toLowerCase())
        .join("")}`;
      Resources[id] = {
        Type: "AWS::ApiGateway::GatewayResponse",
        Properties: {
          RestApiId: deployment.Properties.RestApiId,
          ResponseType: problem.type,
          StatusCode: String(problem.status),
          ResponseParameters: headersOf(problem, origin),
          ResponseTemplates: { "application/json": bodyOf(problem) },
        },
      };
      // A deployment is a snapshot: what is not there before it is not in it.
      deployment.DependsOn = [...deployment.DependsOn, id];
    }
  }
}

function headersOf({ retryAfterSeconds }, origin) {
  const headers = {
    "Content-Type": "'application/problem+json'",
    "Access-Control-Allow-Origin": `'${origin}'`,
    "Access-Control-Expose-Headers": "'x-trace-id, retry-after'",
    Vary: "'Origin'",
    "Cache-Control": "'no-store'",
    "x-trace-id": "context.requestId",
    ...(retryAfterSeconds !== undefined && { "Retry-After": `'${retryAfterSeconds}'` }),
  };
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, value]));
}

function bodyOf({ code, title, status, sentence, field }) {
  return JSON.stringify({
    type: `urn:isthmus:problem:${code}`,
    title,
    status,
    detail: sentence,
    error: sentence,
    code,
    ...(field !== undefined && { field }),
    trace_id: "$context.requestId",
  });
}

module.exports = GatewayResponses;
