// Two open paths whose answers are the same until the next deployment: the gateway gives them, and no container of the function, which
// are there for queries. `npm run package:lambda` writes them down.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

class StaticAnswers {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { "before:package:finalize": () => this.add() };
  }

  add() {
    const { Resources } = this.serverless.service.provider.compiledCloudFormationTemplate;
    const { corsOrigins, staticAnswers } = this.serverless.service.custom.isthmus;
    // A static value: the gateway cannot choose among several origins.
    const [origin] = corsOrigins.split(",").map((name) => name.trim());
    const answers = JSON.parse(readFileSync(join(this.serverless.serviceDir, staticAnswers), "utf8"));
    for (const [path, answer] of Object.entries(answers)) {
      const method = Object.values(Resources).find(
        ({ Type, Properties }) =>
          Type === "AWS::ApiGateway::Method" &&
          Properties.HttpMethod === "GET" &&
          `/${Resources[Properties.ResourceId.Ref].Properties.PathPart}` === path,
      );
      if (method === undefined) throw new Error(`static-answers: there is no GET ${path}`);
      Object.assign(method.Properties, integrationOf(answer, origin));
    }
  }
}

function integrationOf(answer, origin) {
  const headers = {
    "Content-Type": "'application/json'",
    "Access-Control-Allow-Origin": `'${origin}'`,
    Vary: "'Origin'",
    "Cache-Control": "'no-store'",
  };
  const named = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value]);
  return {
    Integration: {
      Type: "MOCK",
      PassthroughBehavior: "WHEN_NO_TEMPLATES",
      RequestTemplates: { "application/json": '{"statusCode": 200}' },
      IntegrationResponses: [
        {
          StatusCode: "200",
          ResponseParameters: Object.fromEntries(named),
          // A template is a language in which `$` and `#` mean something; what base64 holds is nobody's language.
          ResponseTemplates: {
            "application/json": `$util.base64Decode('${Buffer.from(JSON.stringify(answer)).toString("base64")}')`,
          },
        },
      ],
    },
    MethodResponses: [
      { StatusCode: "200", ResponseParameters: Object.fromEntries(named.map(([name]) => [name, true])) },
    ],
  };
}

module.exports = StaticAnswers;
