// Open paths whose answers are the same until the next deployment, the console's page among them: the gateway gives them, and no container
// of the function, which are there for queries. `npm run package:lambda` writes them down.

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
          `/${Resources[Properties.ResourceId.Ref]?.Properties.PathPart ?? ""}` === path,
      );
      if (method === undefined) throw new Error(`static-answers: there is no GET ${path}`);
      Object.assign(method.Properties, StaticAnswers.integrationOf(answer, origin));
    }
  }

  /** @param answer see scripts/bundle/lambda-static.ts */
  static integrationOf({ headers, shared, pieces }, origin) {
    const all = Object.entries({
      ...headers,
      ...(shared && { "access-control-allow-origin": origin, vary: "Origin" }),
    });
    // A value stands between quotes, and so has none of its own; the template may set what has.
    const plain = all.filter(([, value]) => !value.includes("'"));
    const quoting = all.filter(([, value]) => value.includes("'"));
    return {
      Integration: {
        Type: "MOCK",
        PassthroughBehavior: "WHEN_NO_TEMPLATES",
        RequestTemplates: { "application/json": '{"statusCode": 200}' },
        IntegrationResponses: [
          {
            StatusCode: "200",
            ResponseParameters: Object.fromEntries(
              plain.map(([name, value]) => [`method.response.header.${name}`, `'${value}'`]),
            ),
            ResponseTemplates: { "application/json": templateOf(pieces, quoting) },
          },
        ],
      },
      MethodResponses: [
        {
          StatusCode: "200",
          ResponseParameters: Object.fromEntries(all.map(([name]) => [`method.response.header.${name}`, true])),
        },
      ],
    };
  }
}

function templateOf(pieces, headers) {
  const set = headers.map(([name, value]) => `#set($context.responseOverride.header.${name} = "${value}")`);
  // A template is a language in which `$` and `#` mean something; what base64 holds is nobody's language.
  const [first, ...more] = pieces.map((piece) => `$util.base64Decode('${Buffer.from(piece).toString("base64")}')`);
  const place = more.length === 0 ? "" : placeTemplate;
  return [...set, place, first, ...more.map((piece) => `\${place}${piece}`)].join("");
}

/** The path under which the API is: `/prod/` whether the page was asked for as `/prod/` or as `/prod`; under a name of one's own `/`. */
const placeTemplate = '#set($place = $context.path)#if(!$place.endsWith("/"))#set($place = "$place/")#end';

module.exports = StaticAnswers;
