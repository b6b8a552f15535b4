// `npm run package:lambda`: the functions as Lambda takes them, in build/lambda/<name>-<architecture>.zip.
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { bytesOf, contentsOf } from "./bundle/contents.ts";
import {
  type LambdaArchitecture,
  type LambdaFunction,
  lambdaBudget,
  lambdaFunctions,
  lambdaPlaces,
  packageLambda,
  parseLambdaArchitecture,
} from "./bundle/lambda.ts";
import { root } from "./run.ts";

const usage = `npm run package:lambda [-- --json]

Bundles the functions query and answer, and zips each with one architecture's onnxruntime, the model and the tokenizer.
ISTHMUS_LAMBDA_ARCH is x86_64 (default) or arm64; infra/serverless.yml reads the same setting.

Example: ISTHMUS_LAMBDA_ARCH=arm64 npm run package:lambda`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const architecture = parseLambdaArchitecture(process.env["ISTHMUS_LAMBDA_ARCH"]);
  const packages: Packaged[] = [];
  for (const name of Object.keys(lambdaFunctions) as LambdaFunction[]) {
    process.stderr.write(`Packaging the function ${name} for ${architecture}…\n`);
    packages.push(await packaged(name, architecture));
  }
  if (values.json === true) process.stdout.write(`${JSON.stringify({ architecture, functions: packages })}\n`);
  else for (const one of packages) print(one);
  const over = packages.filter(
    ({ zipped, unzipped }) => zipped > lambdaBudget.zipped || unzipped > lambdaBudget.unzipped,
  );
  const { zipped: most, unzipped: mostUnzipped } = lambdaBudget;
  for (const { zip } of over) {
    process.stderr.write(
      `${zip}: over the budget of ${megabytes(most)} zipped and ${megabytes(mostUnzipped)} unzipped.\n`,
    );
  }
  return over.length === 0 ? 0 : 1;
}

type Packaged = Awaited<ReturnType<typeof packaged>>;

async function packaged(name: LambdaFunction, architecture: LambdaArchitecture) {
  const { folder, zip } = lambdaPlaces(architecture, name);
  await packageLambda(architecture, name);
  const files = await contentsOf(folder);
  return { name, zip: relative(root, zip), zipped: (await stat(zip)).size, unzipped: bytesOf(files), files };
}

function print({ files, zip, zipped, unzipped }: Packaged): void {
  for (const { path, bytes } of files) process.stdout.write(`${megabytes(bytes).padStart(9)}  ${path}\n`);
  process.stdout.write(`${zip}: ${megabytes(zipped)} zipped, ${megabytes(unzipped)} unzipped\n`);
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
