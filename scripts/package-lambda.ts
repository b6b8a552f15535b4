// `npm run package:lambda`: the query function as Lambda takes it, in build/lambda/query-<architecture>.zip.
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { bytesOf, contentsOf } from "./bundle/contents.ts";
import { lambdaBudget, lambdaPlaces, packageLambda, parseLambdaArchitecture } from "./bundle/lambda.ts";
import { root } from "./run.ts";

const usage = `npm run package:lambda [-- --json]

Bundles the query function and zips it with one architecture's onnxruntime, the model and the tokenizer.
ISTHMUS_LAMBDA_ARCH is x86_64 (default) or arm64; infra/serverless.yml reads the same setting.

Example: ISTHMUS_LAMBDA_ARCH=arm64 npm run package:lambda`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const architecture = parseLambdaArchitecture(process.env["ISTHMUS_LAMBDA_ARCH"]);
  const { folder, zip } = lambdaPlaces(architecture);
  process.stderr.write(`Packaging the query function for ${architecture}…\n`);
  await packageLambda(architecture);
  const files = await contentsOf(folder);
  const [zipped, unzipped] = [(await stat(zip)).size, bytesOf(files)];
  const within = zipped <= lambdaBudget.zipped && unzipped <= lambdaBudget.unzipped;
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ zip: relative(root, zip), zipped, unzipped, architecture, files })}\n`);
  } else {
    for (const { path, bytes } of files) process.stdout.write(`${megabytes(bytes).padStart(9)}  ${path}\n`);
    process.stdout.write(`${relative(root, zip)}: ${megabytes(zipped)} zipped, ${megabytes(unzipped)} unzipped\n`);
  }
  if (!within) {
    const { zipped: most, unzipped: mostUnzipped } = lambdaBudget;
    process.stderr.write(`Over the budget of ${megabytes(most)} zipped and ${megabytes(mostUnzipped)} unzipped.\n`);
  }
  return within ? 0 : 1;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run package:lambda: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
