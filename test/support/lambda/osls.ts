import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { writeStaticAnswers } from "../../../scripts/bundle/lambda-static.ts";
import { root } from "../../../scripts/run.ts";

const manifests = join(root, "infra/serverless");

/** The osls that infra/serverless/package-lock.json pins, installed once into the cache. Its script, or why there is none. */
export function preparedOsls(): { readonly script: string; readonly skip: false } | { readonly skip: string } {
  const digest = createHash("sha256")
    .update(readFileSync(join(manifests, "package-lock.json")))
    .digest("hex");
  const cache = process.env["ISTHMUS_CACHE_DIR"] ?? join(homedir(), ".cache", "isthmus");
  const place = join(cache, `osls-${digest.slice(0, 12)}`);
  const script = join(place, "node_modules/osls/bin/serverless.js");
  if (existsSync(script)) return { script, skip: false };
  mkdirSync(cache, { recursive: true });
  // Made beside its place and moved there whole, so that nobody ever sees half of it.
  const making = mkdtempSync(join(cache, "osls-"));
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(manifests, file), join(making, file));
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: making,
    encoding: "utf8",
  });
  if (npm.status === 0) {
    try {
      renameSync(making, place);
    } catch {
      rmSync(making, { recursive: true, force: true }); // Another process was faster.
    }
    return { script, skip: false };
  }
  rmSync(making, { recursive: true, force: true });
  const reason = `osls could not be installed: ${(npm.stderr ?? String(npm.error)).trim().split("\n").at(-1)}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  return { skip: reason };
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties are as many as there are types.
  readonly Properties: any;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Parameters: Record<string, { readonly Type: string; readonly Default?: string }>;
}

/** A layer of nobody's: packaging asks for an ARN and looks nothing up. */
export const exampleLayerArn = "arn:aws:lambda:us-east-1:000000000000:layer:Example:1";

/** `osls package`, without any credentials or settings of this machine. @returns the CloudFormation template. */
export function packageTemplate(
  script: string,
  parameters: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): { readonly template: Template; readonly text: string } {
  writeStaticAnswers(join(root, "build/lambda"));
  const home = mkdtempSync(join(tmpdir(), "isthmus-osls-"));
  try {
    const run = spawnSync(
      process.execPath,
      [script, "package", "--stage", "dev", "--package", join(home, "out"), ...parameters],
      {
        cwd: join(root, "infra"),
        encoding: "utf8",
        env: {
          PATH: process.env["PATH"] ?? "",
          HOME: home,
          SLS_TELEMETRY_DISABLED: "1",
          AWS_EC2_METADATA_DISABLED: "true",
          ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: exampleLayerArn,
          ...environment,
        },
      },
    );
    if (run.status !== 0) throw new Error(`osls package failed:\n${run.stdout}${run.stderr}`);
    const text = readFileSync(join(home, "out/cloudformation-template-update-stack.json"), "utf8");
    return { template: JSON.parse(text), text };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
