import { createWriteStream } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { root } from "../run.ts";
import type { Architecture } from "./architecture.ts";
import { contentsOf } from "./contents.ts";
import { bundleProgram, packagesIn } from "./esbuild.ts";
import { writeStaticAnswers } from "./lambda-static.ts";
import { writeLicences } from "./licences.ts";
import { writeManifest } from "./manifest.ts";
import { copyModel } from "./model.ts";
import { copyOnnxruntime } from "./onnxruntime.ts";

/** As Lambda, CloudFormation and infra/serverless.yml call processors. */
export const lambdaArchitectures = { x86_64: "x64", arm64: "arm64" } as const satisfies Record<string, Architecture>;
export type LambdaArchitecture = keyof typeof lambdaArchitectures;

/**
 * Budgets of the package in bytes; the platform's own wall is at 250 MB unzipped. The program is what every cold start compiles,
 * whatever is asked.
 */
export const lambdaBudget = { zipped: 45_000_000, unzipped: 150_000_000, program: 450_000 } as const;

/** @param value of `ISTHMUS_LAMBDA_ARCH`. @throws an Error that names the choices. */
export function parseLambdaArchitecture(value: string | undefined): LambdaArchitecture {
  const wanted = value ?? "x86_64";
  const names = Object.keys(lambdaArchitectures) as LambdaArchitecture[];
  const known = names.find((name) => name === wanted);
  if (known === undefined) throw new Error(`ISTHMUS_LAMBDA_ARCH is ${wanted}; it is one of ${names.join(", ")}.`);
  return known;
}

/** The functions, with the module of each. */
export const lambdaFunctions = {
  query: "src/entry/lambda.ts",
  answer: "src/entry/lambda-answer.ts",
} as const;
export type LambdaFunction = keyof typeof lambdaFunctions;

export function lambdaPlaces(
  architecture: LambdaArchitecture,
  name: LambdaFunction = "query",
): { readonly folder: string; readonly zip: string } {
  const build = join(root, "build/lambda");
  return { folder: join(build, `${name}-${architecture}`), zip: join(build, `${name}-${architecture}.zip`) };
}

/**
 * A function with all it needs, as a folder and as the zip that is deployed, and beside it what the gateway answers by itself. The same
 * sources give the same zip.
 */
export async function packageLambda(
  architecture: LambdaArchitecture,
  name: LambdaFunction = "query",
  { folder, zip } = lambdaPlaces(architecture, name),
): Promise<void> {
  const metafile = await bundleProgram({ entry: lambdaFunctions[name], workers: [] }, folder);
  await copyOnnxruntime(lambdaArchitectures[architecture], folder);
  await copyModel(folder);
  if (name === "answer") await copyPrices(folder);
  await writeManifest(folder);
  await writeLicences(packagesIn(metafile), folder);
  await writeZip(folder, zip);
  writeStaticAnswers(dirname(zip));
}

/** What a model's tokens cost, where the program looks for it. */
async function copyPrices(folder: string): Promise<void> {
  await mkdir(join(folder, "infra"));
  await copyFile(join(root, "infra/prices.json"), join(folder, "infra/prices.json"));
}

/** The time in a zip has no zone; this one is the earliest that the format knows. */
const noTime = new Date(1980, 0, 1);

async function writeZip(folder: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const zip = new ZipFile();
  for (const file of await contentsOf(folder)) {
    zip.addFile(join(folder, file.path), file.path, { mtime: noTime, mode: 0o100644 });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
