import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../../run.ts";
import { markDeployment } from "../api-deployment.ts";
import { inScratch } from "../bucket.ts";
import { defineCommand } from "../command.ts";
import { type FunctionName, functionNames, liveVersion, moveAlias, newestVersion } from "../query-function.ts";
import { awsRegion, stage } from "../settings.ts";

export const deployQueryLambda = defineCommand({
  summary: "Packages and deploys the functions query and answer, and moves their aliases live to them",
  details: `The console's page goes with them: the gateway gives it. The stack moves the aliases, after the new versions are there. Where it did not, because the same code was deployed before and
taken back since, an alias is moved here. A dry run packages, which writes the CloudFormation template and needs no
credentials.`,
  example: "--stage dev --layer arn:aws:lambda:… --dry-run",
  options: {
    stage,
    "aws-region": awsRegion,
    layer: {
      about: "ARN of the region's secrets extension; docs/operations/query-function.md says how to find it",
      variable: "ISTHMUS_SECRETS_EXTENSION_LAYER_ARN",
    },
    osls: {
      about: "The tool's script",
      variable: "ISTHMUS_OSLS",
      fallback: "infra/serverless/node_modules/osls/bin/serverless.js",
    },
  },
  async run(values, tools) {
    const place = { stage: values.stage, region: values["aws-region"] };
    const script = resolve(root, values.osls);
    if (!existsSync(script)) throw new Error(`${script} is not there; scripts/ci/install-tools.sh osls installs it.`);
    const run = {
      folder: join(root, "infra"),
      environment: {
        AWS_REGION: place.region,
        ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: values.layer,
        SLS_TELEMETRY_DISABLED: "1",
      },
      show: true,
    };
    await tools.ask("npm", ["run", "package:lambda"], { show: true });
    if (tools.dryRun) {
      return await inScratch(async (folder) => {
        await tools.ask(process.execPath, [script, "package", "--stage", place.stage, "--package", folder], run);
        return { summary: "it packages" };
      });
    }
    const before: Record<string, string | undefined> = {};
    for (const name of functionNames) before[name] = await liveVersion(place, name, tools).catch(() => undefined);
    await tools.change(process.execPath, [script, "deploy", "--stage", place.stage], run);
    const versions: Record<FunctionName, string> = { query: "", answer: "" };
    for (const name of functionNames) {
      const version = await newestVersion(place, name, tools);
      // CloudFormation does not know that going back moved the alias: for code that it has deployed before it changes nothing.
      if ((await liveVersion(place, name, tools)) !== version) await moveAlias(place, name, version, tools);
      versions[name] = version;
    }
    await markDeployment(place, versions, tools);
    const each = functionNames.map((name) => {
      const from = before[name] === undefined ? "for the first time" : `was ${before[name]}`;
      return `${name} is live at version ${versions[name]} (${from})`;
    });
    return { summary: each.join("; "), data: { versions, before } };
  },
});
