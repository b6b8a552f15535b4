import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "../binaries.ts";
import { type Block, schemaOf } from "./schema.ts";
import { readTypings } from "./typings.ts";

/** A provider whose schema comes from an npm package of typings, pinned by its hash. */
export interface SchemaSource {
  readonly provider: "google" | "aws";
  /** Of the provider that the typings were made from. */
  readonly version: string;
  readonly package: string;
  readonly integrity: string;
}

export const schemaSources: readonly SchemaSource[] = [
  {
    provider: "google",
    version: "6.50.0",
    package: "@cdktf/provider-google@16.12.1",
    integrity: "sha512-KqNA/5RiFT07r0PSZ6/07cJ2zESUgbj1JchVj21iBFBZVUbD+578xA/k8eq/r0cbyEgLmg9eYWeVslaYah4DCQ==",
  },
  {
    provider: "aws",
    version: "6.25.0",
    package: "@cdktf/provider-aws@21.22.1",
    integrity: "sha512-BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ==",
  },
];

export type ProviderSchemas = Readonly<Record<"resource" | "data" | "provider", Readonly<Record<string, Block>>>>;

/**
 * The schema file of a provider, of all its resources; made on first use (a download of about 35 MB and some seconds).
 *
 * @throws with CI=true where it cannot be had.
 */
export function schemaFile(source: SchemaSource, tell: (line: string) => void = () => {}): Binary {
  const path = join(peersFolder(), `terraform-schema-${source.provider}-${source.version}-${generatorHash()}.json`);
  if (existsSync(path)) return { path, skip: false };
  tell(`reading the schema of hashicorp/${source.provider} ${source.version} from ${source.package} (once)`);
  mkdirSync(peersFolder(), { recursive: true });
  const folder = mkdtempSync(join(peersFolder(), ".typings-"));
  try {
    const fault = unpack(source, folder);
    if (fault !== undefined) return missing(`the schema of hashicorp/${source.provider} is missing: ${fault}`);
    const made = join(folder, "schema.json");
    writeFileSync(made, JSON.stringify(readPackage(join(folder, "package", "lib"))));
    renameSync(made, path);
    return { path, skip: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another generator makes another file. */
function generatorHash(): string {
  const hash = createHash("sha256");
  for (const file of ["typings.ts", "schema.ts", "schemas.ts"])
    hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest("hex").slice(0, 12);
}

function unpack(source: SchemaSource, folder: string): string | undefined {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = { cwd: folder, encoding: "utf8" as const, maxBuffer: 2 ** 28 };
  const packed = spawnSync(npm, ["pack", source.package, "--json", "--ignore-scripts", "--silent"], options);
  if (packed.status !== 0) return `npm pack ${source.package} failed`;
  const [tarball]: { filename: string }[] = JSON.parse(packed.stdout);
  if (tarball === undefined) return `npm pack ${source.package} made no file`;
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? tarball.filename);
  const integrity = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (integrity !== source.integrity) return `${source.package} is not the package that was pinned (${integrity})`;
  if (spawnSync("tar", ["-xzf", file], options).status !== 0) return `tar could not unpack ${file}`;
  return undefined;
}

function readPackage(library: string): ProviderSchemas {
  const schemas: Record<keyof ProviderSchemas, Record<string, Block>> = { resource: {}, data: {}, provider: {} };
  for (const entry of readdirSync(library, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const typings = readTypings(join(library, entry.name));
    // One resource of AWS has a part that its typings do not describe; whoever uses it is told that it does not exist.
    if (typings === undefined || typings.terraformType === "aws_quicksight_analysis") continue;
    schemas[typings.kind][typings.terraformType] = schemaOf(typings);
  }
  return schemas;
}
