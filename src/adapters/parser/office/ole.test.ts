import assert from "node:assert/strict";
import { after, test } from "node:test";
import { failsWith, parseWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

test("the oldest files of Excel and Word are told by name, not as damaged", async () => {
  const bare = (start: string): Buffer =>
    Buffer.concat([Buffer.from(start, "hex"), Buffer.alloc(60, Buffer.from("000000ff018003", "hex"))]);
  for (const start of ["0900040007001000", "0902060000001000", "0904060000001000"])
    await assert.rejects(parseWith(registry, "a.xls", bare(start)), failsWith("content_unsupported", /Excel .*XLSX/));
  for (const start of ["dba52d0031400904", "9ba52100"])
    await assert.rejects(parseWith(registry, "a.doc", bare(start)), failsWith("content_unsupported", /Word .*DOCX/));
  await assert.rejects(parseWith(registry, "a.xls", bare("01020304")), failsWith("parse_failed"));
});
