import { type Member, structOf, type TypingsFolder, type Written } from "./typings.ts";

/** A type as Terraform writes it in JSON: "string", ["list", "string"], ["object", {…}]. */
export type AttributeType = string | readonly [string, AttributeType | Readonly<Record<string, AttributeType>>];

export interface Attribute {
  readonly type: AttributeType;
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
}

export interface NestedBlock {
  readonly nesting: "single" | "list" | "set";
  readonly minItems: number;
  /** 0: no bound. */
  readonly maxItems: number;
  readonly block: Block;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, NestedBlock>>;
}

/** The schema of a resource, a data source or a provider, as its typings tell it. */
export function schemaOf(folder: TypingsFolder): Block {
  return blockOf(folder, folder.root);
}

function blockOf(folder: TypingsFolder, struct: string): Block {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, NestedBlock> = {};
  for (const member of membersOf(folder, struct)) {
    const nested = nestedBlockOf(folder, member);
    if (nested !== undefined) blocks[member.name] = nested;
    else attributes[member.name] = attributeOf(folder, member);
  }
  return { attributes, blocks };
}

function membersOf(folder: TypingsFolder, struct: string): readonly Member[] {
  const members = folder.structs.get(struct);
  if (members === undefined) throw new Error(`${folder.terraformType}: no class for ${struct}`);
  return members;
}

/** Blocks are what is written by a function of their own, unless a list of them says that they are an attribute. */
function nestedBlockOf(folder: TypingsFolder, member: Member): NestedBlock | undefined {
  const written = member.written;
  if (written === undefined || written.value.includes("hashMapperHcl")) return undefined;
  const [, mapped, isBlock] = /listMapperHcl\((\w+)ToHclTerraform, (\w+)\)/.exec(written.value) ?? [];
  if (isBlock === "false") return undefined;
  const single = /^(\w+)ToHclTerraform\(/.exec(written.value)?.[1];
  const name = mapped ?? single;
  if (name === undefined) return undefined;
  return {
    nesting: written.type === "struct" ? "single" : written.type === "set" ? "set" : "list",
    minItems: member.required ? 1 : 0,
    maxItems: mapped === undefined ? 1 : 0,
    block: blockOf(folder, structOf(name)),
  };
}

function attributeOf(folder: TypingsFolder, member: Member): Attribute {
  return {
    type: typeOf(folder, member),
    ...(member.required && { required: true }),
    ...(member.optional && { optional: true }),
    ...(member.computed && { computed: true }),
  };
}

const primitives: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  boolean: "bool",
  any: "string",
};

/** How computed attributes are read, and so what they are. */
const getters: Readonly<Record<string, AttributeType>> = {
  getStringAttribute: "string",
  getNumberAttribute: "number",
  getBooleanAttribute: "bool",
  getListAttribute: ["list", "string"],
  getNumberListAttribute: ["list", "number"],
  getStringMapAttribute: ["map", "string"],
  getNumberMapAttribute: ["map", "number"],
  getBooleanMapAttribute: ["map", "bool"],
  getAnyMapAttribute: ["map", "string"],
  StringMap: ["map", "string"],
  NumberMap: ["map", "number"],
  BooleanMap: ["map", "bool"],
  AnyMap: ["map", "string"],
  StringListMap: ["map", ["list", "string"]],
  StringMapList: ["list", ["map", "string"]],
  StringListList: ["list", ["list", "string"]],
  NumberListList: ["list", ["list", "number"]],
};

function typeOf(folder: TypingsFolder, member: Member): AttributeType {
  const { written, nested, getter } = member;
  if (nested !== undefined) {
    const element: AttributeType = ["object", objectOf(folder, nested.struct)];
    if (!nested.list) return element;
    return [nested.set || written?.type === "set" ? "set" : "list", element];
  }
  if (written !== undefined) {
    const known = storedType(written);
    if (known !== undefined) return known;
  }
  const known = getters[getter ?? ""];
  if (known === undefined) {
    throw new Error(`${folder.terraformType}.${member.name}: unknown type ${JSON.stringify({ written, getter })}`);
  }
  if (Array.isArray(known) && known[0] === "list" && member.wrapped) return ["set", known[1]];
  return known;
}

/** `stringMapList` of type "list" is ["list", ["map", "string"]]. */
function storedType({ storage, type }: Written): AttributeType | undefined {
  const [, element = "", shapes = ""] = /^(string|number|boolean|any)((?:List|Map)*)$/.exec(storage) ?? [];
  const primitive = primitives[element];
  if (primitive === undefined) return undefined;
  const inside = (shapes.match(/List|Map/g) ?? []).map((shape) => (shape === "Map" ? "map" : "list"));
  const outermost = inside.pop();
  const content = inside.reduce<AttributeType>((inner, shape) => [shape, inner], primitive);
  return outermost === undefined ? content : [type === "set" ? "set" : outermost, content];
}

function objectOf(folder: TypingsFolder, struct: string): Record<string, AttributeType> {
  return Object.fromEntries(membersOf(folder, struct).map((member) => [member.name, typeOf(folder, member)]));
}
