import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fc } from "../../../../test/support/fast-check.ts";
import { createSchema } from "./schema.ts";
import { matchExpression } from "./search.ts";

/** What analysis gives: no white space, no control characters, no upper-case ASCII. */
const term = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(..."ab1'\"*:_-.()^+{}%\\~`"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 6,
  })
  .map((text) => text.toLowerCase().replace(/[\s\p{Cc}]/gu, "_"));

test("a chunk matches a term exactly when the term is one of its own", () => {
  const database = new DatabaseSync(":memory:");
  createSchema(database);
  const insert = database.prepare("INSERT INTO keyword (rowid, terms) VALUES (?, ?)");
  const match = database.prepare("SELECT rowid AS id FROM keyword WHERE keyword MATCH ?");
  fc.assert(
    fc.property(
      fc.array(fc.array(term, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.array(term, { minLength: 1, maxLength: 3 }),
      (chunks, asked) => {
        chunks.forEach((terms, index) => {
          insert.run(index + 1, terms.join(" "));
        });
        for (const wanted of [...asked.map((one) => [one]), ...chunks, asked]) {
          if (wanted.length === 0) continue;
          const found = match.all(matchExpression(wanted)).map((row) => Number(row["id"]));
          const expected = chunks.flatMap((terms, index) =>
            terms.some((one) => wanted.includes(one)) ? [index + 1] : [],
          );
          assert.deepEqual(found.sort(), expected);
        }
        database.exec("DELETE FROM keyword");
      },
    ),
    { numRuns: 500 },
  );
  database.close();
});
