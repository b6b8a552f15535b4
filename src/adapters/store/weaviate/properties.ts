import type { SearchResult, Value } from "./rpc/weaviate_pb.ts";

/** The properties of one result, by name, with what each must be. */
export interface Fields {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  integer(name: string): number;
}

export function fieldsOf(result: SearchResult): Fields {
  const fields = result.properties?.nonRefProps?.fields ?? {};
  const read = (name: string): Value["kind"] | undefined =>
    Object.hasOwn(fields, name) ? fields[name]?.kind : undefined;
  const optionalText = (name: string): string | undefined => {
    const kind = read(name);
    return kind?.case === "textValue" ? kind.value : undefined;
  };
  return {
    optionalText,
    text: (name) => optionalText(name) ?? "",
    integer(name) {
      const kind = read(name);
      return kind?.case === "intValue" || kind?.case === "numberValue" ? Number(kind.value) : 0;
    },
  };
}
