// osls publishes a version when a hash of the function's code and properties is new. What comes from SSM is in there by its name
// alone: after a change of a value CloudFormation would update the function, and no version and so no alias would ever see it. A digest
// of the values, as the function's own variable, makes a changed value a changed function.

const { createHash } = require("node:crypto");

class SettingsDigest {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { "before:package:compileFunctions": () => this.add() };
  }

  async add() {
    // Packaging needs no credentials and looks nothing up.
    if (this.serverless.processedInput.commands[0] !== "deploy") return;
    const { Parameters } = this.serverless.service.resources;
    const names = Object.values(Parameters)
      .filter(({ Type }) => Type.startsWith("AWS::SSM::Parameter::Value"))
      .map(({ Default }) => Default)
      .sort();
    const digest = digestOf(names, await this.read(names));
    for (const name of this.serverless.service.getAllFunctions()) {
      const definition = this.serverless.service.getFunction(name);
      definition.environment = { ...definition.environment, ISTHMUS_SETTINGS_DIGEST: digest };
    }
  }

  /** Ten at a time, as SSM takes them. */
  async read(names) {
    // The client that osls itself brings, wherever osls lies.
    const { SSMClient, GetParametersCommand } = require.main.require("@aws-sdk/client-ssm");
    const client = new SSMClient(await this.serverless.getProvider("aws").getAwsSdkV3Config());
    const found = new Map();
    for (let start = 0; start < names.length; start += 10) {
      const { Parameters } = await client.send(new GetParametersCommand({ Names: names.slice(start, start + 10) }));
      for (const { Name, Value } of Parameters) found.set(Name, Value);
    }
    return found;
  }
}

function digestOf(names, values) {
  const missing = names.filter((name) => !values.has(name));
  if (missing.length > 0)
    throw new Error(`settings-digest: SSM has no ${missing.join(", ")}; infra/terraform/aws makes them`);
  const text = JSON.stringify(names.map((name) => [name, values.get(name)]));
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

module.exports = SettingsDigest;
