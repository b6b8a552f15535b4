import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Binary, missing, peersFolder } from "../binaries.ts";
import { pythonBinary, pythonPrograms } from "../python.ts";
import { type Block, schemaOf } from "./schema.ts";
import type { ProviderSchemas, SchemaSource } from "./schemas.ts";
import { readTypings } from "./typings.ts";

/** The major version after the one that the configuration asks for: its typings come from PyPI, inside a wheel. */
export const newerGoogle: SchemaSource = {
  provider: "google",
  version: "7.46.1",
  package: "cdktn-provider-google==20.3.1",
  integrity: "sha512-//k1uNMCQFZ5lAaRsAf6uzqpOIsr+wY1koMBaLa4rA1eVMfuOpbSc6dyxqLPVAToD6j5GISv2hJ+W+Ldc7PjBQ==",
};

/** Its schema; made on first use (a download of 67 MB and some seconds). @throws with CI=true where it cannot be had. */
export function newerSchemaFile(tell: (line: string) => void = () => {}): Binary {
  const { provider, version } = newerGoogle;
  const path = join(peersFolder(), `terraform-schema-${provider}-${version}-${generatorHash()}.json`);
  if (existsSync(path)) return { path, skip: false };
  tell(`reading the schema of hashicorp/${provider} ${version} from ${newerGoogle.package} (once)`);
  mkdirSync(peersFolder(), { recursive: true });
  const folder = mkdtempSync(join(peersFolder(), ".typings-"));
  try {
    const fault = unpack(folder);
    if (fault !== undefined) return missing(`the schema of hashicorp/${provider} ${version} is missing: ${fault}`);
    const made = join(folder, "schema.json");
    writeFileSync(made, JSON.stringify(readPackage(join(folder, "package", "lib"))));
    renameSync(made, path);
    return { path, skip: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another reader of the typings makes another schema: one that is cached from before is not taken for it. */
function generatorHash(): string {
  const hash = createHash("sha256");
  for (const file of ["typings.ts", "schema.ts", "newer.ts"])
    hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest("hex").slice(0, 12);
}

function unpack(folder: string): string | undefined {
  // Any environment of the tests has pip; a machine's own Python may not.
  const environment = pythonBinary(pythonPrograms.moto);
  if (environment.path === undefined) return environment.skip || undefined;
  const python = join(dirname(environment.path), "python");
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  const pip = ["-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps", "--only-binary=:all:"];
  if (!run(python, ...pip, newerGoogle.package)) return `pip could not download ${newerGoogle.package}`;
  const [wheel = ""] = globSync("*.whl", { cwd: folder });
  const integrity = `sha512-${createHash("sha512")
    .update(readFileSync(join(folder, wheel)))
    .digest("base64")}`;
  if (integrity !== newerGoogle.integrity) return `${wheel} is not the file that was pinned (${integrity})`;
  if (!run(python, "-m", "zipfile", "-e", wheel, "wheel")) return `python could not unpack ${wheel}`;
  const [typings = ""] = globSync("wheel/*/_jsii/*.jsii.tgz", { cwd: folder });
  return run("tar", "-xzf", typings) ? undefined : `tar could not unpack ${typings}`;
}

function readPackage(library: string): ProviderSchemas {
  const schemas: Record<keyof ProviderSchemas, Record<string, Block>> = { resource: {}, data: {}, provider: {} };
  for (const entry of readdirSync(library, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(library, entry.name);
    for (const file of globSync("**/*.js", { cwd: folder })) renamed(join(folder, file));
    const typings = readTypings(folder);
    if (typings !== undefined) schemas[typings.kind][typings.terraformType] = schemaOf(typings);
  }
  return schemas;
}

/** CDK Terrain is CDKTF under another name, and so are its classes in the TypeScript that the source maps carry. */
function renamed(file: string): void {
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/;
  const script = readFileSync(file, "utf8");
  const text = Buffer.from(map.exec(script)?.[1] ?? "", "base64").toString();
  const encoded = Buffer.from(text.replaceAll("cdktn.", "cdktf.")).toString("base64");
  writeFileSync(file, `//# sourceMappingURL=data:application/json;base64,${text === "" ? "" : encoded}\n`);
}
