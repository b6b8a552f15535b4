import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the typings of a CDKTF package say of one attribute or block. */
export interface Member {
  readonly name: string;
  readonly computed: boolean;
  readonly optional: boolean;
  readonly required: boolean;
  /** How a computed attribute is read: `getStringAttribute`; undefined where it is an object of a class. */
  readonly getter: string | undefined;
  /** Wrapped as a set in the reading code. */
  readonly wrapped: boolean;
  /** The class of a nested object or list of objects, as `ComputeRouterPeerBfd`, and what the code makes of it. */
  readonly nested: { readonly struct: string; readonly list: boolean; readonly set: boolean } | undefined;
  /** How it is written, where it can be: from `synthesizeHclAttributes`. */
  readonly written: Written | undefined;
}

export interface Written {
  /** `cdktf.listMapperHcl(computeRouterPeerBfdToHclTerraform, true)(…)` */
  readonly value: string;
  /** simple, list, set, map, struct */
  readonly type: string;
  /** string, stringList, ComputeRouterPeerBfdList … */
  readonly storage: string;
}

export interface TypingsFolder {
  /** Structs by name: `ComputeRouterPeer`, `ComputeRouterPeerBfd`. */
  readonly structs: ReadonlyMap<string, readonly Member[]>;
  /** Struct of the resource, data source or provider itself. */
  readonly root: string;
  /** `google_compute_router_peer`, or `google` for a provider. */
  readonly terraformType: string;
  readonly kind: "resource" | "data" | "provider";
}

const base = { TerraformResource: "resource", TerraformDataSource: "data", TerraformProvider: "provider" } as const;

/** Reads one folder of a CDKTF package; undefined where it holds no resource. @throws where the typings are not as known. */
export function readTypings(folder: string): TypingsFolder | undefined {
  const source = sourcesOf(folder);
  const classes = [...source.matchAll(/^export class (\w+) extends cdktf\.(\w+) \{\n([\s\S]*?)^\}/gm)];
  const main = classes.find(([, , parent = ""]) => Object.hasOwn(base, parent));
  if (main === undefined) return undefined;
  const [, root = "", parent = "", body = ""] = main;
  const terraformType = /tfResourceType = "(\w+)"/.exec(body)?.[1];
  if (terraformType === undefined) throw new Error(`${folder}: no resource type`);
  const written = writtenByStruct(source);
  const structs = new Map<string, readonly Member[]>();
  structs.set(root, membersOf(body, writtenIn(body)));
  // A provider's blocks can only be written, so no class reads them and nothing says which are required.
  for (const [struct, members] of written) {
    structs.set(
      struct,
      [...members].map(([name, one]) => writtenOnly(name, one)),
    );
  }
  for (const [, name = "", , nestedBody = ""] of classes) {
    const struct = name.replace(/OutputReference$/, "");
    if (struct !== name) structs.set(struct, membersOf(nestedBody, written.get(struct) ?? new Map()));
  }
  return { structs, root, terraformType, kind: base[parent as keyof typeof base] };
}

/** The TypeScript that the source maps carry, of the folder and of `index-structs`, where large resources are split. */
function sourcesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => {
      const script = readFileSync(join(folder, file), "utf8");
      const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(script)?.[1];
      if (map === undefined) return "";
      const { sourcesContent }: { sourcesContent: string[] } = JSON.parse(Buffer.from(map, "base64").toString());
      return sourcesContent.join("\n");
    })
    .join("\n");
}

/** For each struct, how its members are written: functions named `computeRouterPeerBfdToHclTerraform`. */
function writtenByStruct(source: string): Map<string, Map<string, Written>> {
  const found = new Map<string, Map<string, Written>>();
  for (const [, name = "", body = ""] of source.matchAll(
    /^export function (\w+)ToHclTerraform\([\s\S]*?\{\n([\s\S]*?)^\}/gm,
  )) {
    found.set(structOf(name), writtenIn(body));
  }
  return found;
}

const entry = /^ +(\w+): \{\n +value: (.*),\n +isBlock: \w+,\n +type: "(\w+)",\n +storageClassType: "(\w+)",\n/gm;

function writtenIn(body: string): Map<string, Written> {
  return new Map(
    [...body.matchAll(entry)].map(([, name = "", value = "", type = "", storage = ""]) => [
      name,
      { value, type, storage },
    ]),
  );
}

const comment =
  /^ {2}\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n((?:(?! {2}\/\/ \w+ - computed)(?! {2}public (?:set|reset)).*\n)*)/gm;

function membersOf(body: string, written: ReadonlyMap<string, Written>): Member[] {
  return [...body.matchAll(comment)].map(([, name = "", computed, optional, required, code = ""]) => {
    const [, list, wrapsSet] = /new (\w+)\(this, "\w+"(?:, (\w+))?/.exec(code) ?? [];
    const isOwnClass = list !== undefined && !code.includes(`new cdktf.`);
    return {
      name,
      computed: computed === "true",
      optional: optional === "true",
      required: required === "true",
      getter: /new cdktf\.(\w+)\(/.exec(code)?.[1] ?? /this\.(get\w+Attribute)\(/.exec(code)?.[1],
      wrapped: code.includes("cdktf.Fn.tolist("),
      nested: isOwnClass
        ? {
            struct: list.replace(/(List|OutputReference|Map)$/, ""),
            list: list.endsWith("List"),
            set: wrapsSet === "true",
          }
        : undefined,
      written: written.get(name),
    };
  });
}

function writtenOnly(name: string, written: Written): Member {
  return {
    ...{ name, written, optional: true, computed: false, required: false },
    ...{ getter: undefined, wrapped: false, nested: undefined },
  };
}

/** `computeRouterPeerBfd` -> `ComputeRouterPeerBfd` */
export function structOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
