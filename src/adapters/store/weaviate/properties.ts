import { present } from "../../../core/errors.ts";
import type { SearchResult, Value } from "./rpc/weaviate_pb.ts";

/** The properties of one result, by name, with what each must be. A property that was asked for and is not there is `internal`. */
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
    text: (name) => present(optionalText(name), `the property ${name} of an object in Weaviate`),
    integer(name) {
      const kind = read(name);
      const number = kind?.case === "intValue" || kind?.case === "numberValue" ? Number(kind.value) : undefined;
      return present(number, `the property ${name} of an object in Weaviate`);
    },
  };
}
