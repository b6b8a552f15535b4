import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing } from "../peers/binaries.ts";
import { mirrorMissing, terraformMirror } from "../peers/terraform/mirror.ts";
import { newerGoogle, newerSchemaFile } from "../peers/terraform/newer.ts";
import { schemaFile, schemaSources } from "../peers/terraform/schemas.ts";

const source = join(import.meta.dirname, "../../infra/terraform");

export const modules = readdirSync(join(source, "modules")).map((name) => `modules/${name}`);
export const roots = ["gcp", "aws", "link"] as const;

/** The modules and roots that ask for Google's provider. */
export const placesWithGoogle = [...modules, ...roots].filter((place) =>
  readFileSync(join(source, place, "versions.tf"), "utf8").includes('"hashicorp/google"'),
);

export interface TerraformResult {
  readonly code: number;
  readonly output: string;
}

/** A copy of infra/terraform that commands can run in without touching the checkout or any cloud. */
export interface TerraformCopy {
  readonly folder: string;
  run(place: string, ...parameters: string[]): Promise<TerraformResult>;
  /** Leaves one run of each of a module's test files, the first where none is named: it has the assertions; most others expect refusals. */
  keepRun(place: string, name?: string): void;
  remove(): void;
}

/** Why Terraform or its providers are missing, as the reason of a skipped suite. @throws with CI=true. */
export async function terraformMissing(): Promise<string | false> {
  const version = spawnSync("terraform", ["version", "-json"], { encoding: "utf8", env: environment() });
  if (version.error !== undefined || version.status !== 0) {
    return missing("Terraform is missing: install 1.11 or newer (developer.hashicorp.com/terraform/install)").skip;
  }
  const [major = 0, minor = 0] = `${JSON.parse(version.stdout).terraform_version}`.split(".").map(Number);
  if (major < 1 || (major === 1 && minor < 11)) {
    return missing(`Terraform ${major}.${minor} is too old: install 1.11 or newer`).skip;
  }
  return await mirrorMissing();
}

/** @param newer asks for the next major version of Google's provider in place of the present one. */
export async function copyTerraform(newer = false): Promise<TerraformCopy> {
  const aws = schemaSources.filter(({ provider }) => provider === "aws");
  const configuration = newer
    ? await terraformMirror(typesIn(source), [
        [newerGoogle, newerSchemaFile()],
        ...aws.map((one) => [one, schemaFile(one)] as const),
      ])
    : await terraformMirror(typesIn(source));
  const folder = mkdtempSync(join(tmpdir(), "isthmus-terraform-"));
  // What a person's own init left there stays behind, for it knows the real providers; so do an installation's own values.
  cpSync(source, folder, { recursive: true, filter: (path) => !/[/\\]\.terraform|\.tfvars$|\.tfstate/.test(path) });
  if (newer) {
    const [major, minor] = newerGoogle.version.split(".");
    for (const place of placesWithGoogle) {
      const file = join(folder, place, "versions.tf");
      const asked = /(source\s+= "hashicorp\/google"\s+version = )"[^"]+"/;
      writeFileSync(file, readFileSync(file, "utf8").replace(asked, `$1"~> ${major}.${minor}"`));
    }
  }
  for (const root of roots) {
    // The backend talks to a cloud; an override puts the state beside the root.
    writeFileSync(join(folder, root, "backend_override.tf"), 'terraform {\n  backend "local" {}\n}\n');
  }
  return {
    folder,
    run: (place, ...parameters) => terraform(join(folder, place), parameters, configuration),
    keepRun(place, name) {
      const tests = join(folder, place, "tests");
      for (const file of readdirSync(tests)) {
        const [header = "", ...runs] = readFileSync(join(tests, file), "utf8").split(/^run /m);
        const run = name === undefined ? runs[0] : runs.find((one) => one.startsWith(`"${name}"`));
        if (run === undefined) throw new Error(`${place} has no run ${name}`);
        writeFileSync(join(tests, file), `${header}run ${run}`);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The types of all resources and data sources that the configuration names. */
export function typesIn(folder: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tf"));
  const text = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  return new Set([...text.matchAll(/^(?:resource|data) "(\w+)"/gm)].map(([, type = ""]) => type));
}

function environment(configuration?: string): Record<string, string> {
  const { TF_CLI_CONFIG_FILE: _, ...own } = process.env as Record<string, string>;
  return {
    ...own,
    ...(configuration !== undefined && { TF_CLI_CONFIG_FILE: configuration }),
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
  };
}

function terraform(folder: string, parameters: string[], configuration: string): Promise<TerraformResult> {
  const options = { cwd: folder, env: environment(configuration), maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile("terraform", parameters, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
