import type { Parser } from "../../core/ports.ts";

/**
 * A file of JSON that is one object. One that has a text (see `jsonRecord`) is read as a record is; any other as lines
 * `path.to.it: value`, its large parts as sections. What cannot be parsed (comments, single quotes) is text.
 */
export function createJsonParser(maxFileBytes: number): Parser {
  return {
    name: "json",
    version: 3,
    records: false,
    async *parse(input) {
      const { jsonDocument } = await import("./json-document.ts");
      yield* jsonDocument(input, maxFileBytes);
    },
  };
}
