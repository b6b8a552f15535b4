import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { type Binary, goBinary, peersFolder } from "../binaries.ts";
import { goPrograms } from "../programs.ts";
import { newerGoogle, newerSchemaFile } from "./newer.ts";
import type { Attribute, Block } from "./schema.ts";
import { type ProviderSchemas, type SchemaSource, schemaFile, schemaSources } from "./schemas.ts";

/** What stands in the way of a mirror, as the reason of a skipped suite. */
export async function mirrorMissing(): Promise<string | false> {
  const provider = await goBinary(goPrograms.terraformProvider);
  return provider.skip || (asked().find(([, one]) => one.skip)?.[1].skip ?? false);
}

/** The providers that the configuration asks for: the link asks for Google's next major version, which has a transport. */
const asked = (): (readonly [SchemaSource, Binary])[] => [
  ...schemaSources.map((source) => [source, schemaFile(source)] as const),
  [newerGoogle, newerSchemaFile()],
];

/**
 * A folder that Terraform installs the schema-only providers from, and the configuration that makes it do so.
 *
 * @param types the resources and data sources that are used: a full schema of 3,000 would cost each command a second.
 * @param sources the providers and their schemas; default: those that the configuration asks for.
 * @returns the path of a file for TF_CLI_CONFIG_FILE.
 */
export async function terraformMirror(
  types: ReadonlySet<string>,
  sources: readonly (readonly [SchemaSource, Binary])[] = asked(),
): Promise<string> {
  const provider = await goBinary(goPrograms.terraformProvider);
  if (provider.path === undefined) throw new Error("the schema-only provider is missing");
  const schemas = sources.map(([source, file]) => [source, subset(source, file, types)] as const);
  const hash = createHash("sha256").update(JSON.stringify([goPrograms.terraformProvider.version, schemas]));
  const folder = join(peersFolder(), `terraform-mirror-${hash.digest("hex").slice(0, 12)}`);
  const configuration = join(folder, "terraform.rc");
  if (existsSync(configuration)) return configuration;
  const building = mkdtempSync(join(peersFolder(), ".mirror-"));
  try {
    for (const [source, schema] of schemas) install(building, source, provider.path, schema);
    writeFileSync(join(building, "terraform.rc"), configurationOf(folder));
    // Test files run side by side: whoever is first has made the same.
    if (!existsSync(folder)) renameSync(building, folder);
  } catch (error) {
    if (!existsSync(configuration)) throw error;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return configuration;
}

function subset({ provider }: SchemaSource, { path }: Binary, types: ReadonlySet<string>): ProviderSchemas {
  if (path === undefined) throw new Error(`the schema of hashicorp/${provider} is missing`);
  const whole: ProviderSchemas = JSON.parse(readFileSync(path, "utf8"));
  const sensitive: Record<string, string[]> = readOwn("sensitive.json");
  const additions: Record<string, Additions> = readOwn("additions.json");
  const only = (blocks: Readonly<Record<string, Block>>) =>
    Object.fromEntries(
      Object.entries(blocks)
        .filter(([name]) => types.has(name))
        .map(([name, block]) => [name, markSensitive(addBlocks(block, additions[name]), sensitive[name] ?? [])]),
    );
  return { provider: whole.provider, resource: only(whole.resource), data: only(whole.data) };
}

/** Blocks that the typings leave out, because they nest without end, by the block that they belong to. */
type Additions = Readonly<Record<string, Block["blocks"]>>;

function addBlocks(block: Block, additions: Additions = {}): Block {
  const blocks = Object.entries(block.blocks).map(([name, nested]) => {
    const added = additions[name] ?? {};
    const attributes = Object.fromEntries(
      Object.entries(nested.block.attributes).filter(([attribute]) => !Object.hasOwn(added, attribute)),
    );
    return [name, { ...nested, block: { attributes, blocks: { ...nested.block.blocks, ...added } } }] as const;
  });
  return { ...block, blocks: Object.fromEntries(blocks) };
}

function readOwn<Content>(file: string): Content {
  return JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8"));
}

/** The typings do not say what is sensitive; sensitive.json does. */
function markSensitive(block: Block, names: readonly string[]): Block {
  const mark = (name: string, attribute: Attribute): Attribute =>
    names.includes(name) ? { ...attribute, sensitive: true } : attribute;
  const attributes = Object.entries(block.attributes).map(([name, one]) => [name, mark(name, one)] as const);
  return { ...block, attributes: Object.fromEntries(attributes) };
}

function install(folder: string, { provider, version }: SchemaSource, binary: string, schema: ProviderSchemas): void {
  const os = platform() === "win32" ? "windows" : platform();
  const target = `${os}_${arch() === "x64" ? "amd64" : arch()}`;
  const place = join(folder, "registry.terraform.io", "hashicorp", provider, version, target);
  mkdirSync(place, { recursive: true });
  const suffix = platform() === "win32" ? ".exe" : "";
  linkOrCopy(binary, join(place, `terraform-provider-${provider}_v${version}${suffix}`));
  writeFileSync(join(place, "schema.json"), JSON.stringify(schema));
}

function configurationOf(folder: string): string {
  return `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(folder)}
    include = ["registry.terraform.io/hashicorp/*"]
  }
}
`;
}

/** A link costs nothing; a mirror is made for each set of resources. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
