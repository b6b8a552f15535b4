// osls publishes a version with each deployment, and lets API Gateway call the newest code. This lets it call an alias of the
// versions instead, so that going back is moving the alias.

class LiveAlias {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = {
      // Before osls writes the integrations and permissions: it makes them for a function's `targetAlias`, if it has one.
      "before:package:compileFunctions": () => this.aim(),
      "after:package:compileFunctions": () => this.add(),
    };
  }

  aim() {
    for (const name of this.serverless.service.getAllFunctions()) {
      this.serverless.service.getFunction(name).targetAlias = {
        name: this.serverless.service.custom.isthmus.alias,
        logicalId: aliasId(name),
      };
      // A reservation of none would let no request through.
      const reserved = Number(this.serverless.service.custom.isthmus.reservedConcurrency);
      if (reserved > 0) this.serverless.service.getFunction(name).reservedConcurrency = reserved;
    }
  }

  add() {
    const { Resources } = this.serverless.service.provider.compiledCloudFormationTemplate;
    for (const name of this.serverless.service.getAllFunctions()) {
      const functionId = this.serverless.getProvider("aws").naming.getLambdaLogicalId(name);
      const versions = Object.keys(Resources).filter(
        (id) =>
          Resources[id].Type === "AWS::Lambda::Version" && Resources[id].Properties.FunctionName.Ref === functionId,
      );
      if (versions.length !== 1) throw new Error(`live-alias: ${name} has ${versions.length} versions, expected 1`);
      Resources[aliasId(name)] = {
        Type: "AWS::Lambda::Alias",
        Properties: {
          Name: this.serverless.service.custom.isthmus.alias,
          FunctionName: { Ref: functionId },
          FunctionVersion: { "Fn::GetAtt": [versions[0], "Version"] },
        },
      };
    }
  }
}

function aliasId(name) {
  return `${name[0].toUpperCase()}${name.slice(1)}LiveAlias`;
}

module.exports = LiveAlias;
