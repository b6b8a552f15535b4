import assert from "node:assert/strict";
import { after, test } from "node:test";
import { mutated } from "../../../test/support/parser/mutate.ts";
import { assertSections, documentsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { samples } from "../../../test/support/parser/samples.ts";
import { seeded } from "../../../test/support/seeded.ts";
import { IsthmusError } from "../../core/errors.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 16 });
after(() => registry.close());
/** `npm run mutate` reads thousands. */
const copies = 40;

for (const [name, make] of Object.entries(samples)) {
  test(`${name}: broken copies end with documents or with an error of ours`, async (context) => {
    const random = seeded(context);
    const original = await make(3);
    const whole = await parseWith(registry, name, original);
    assert.match(
      documentsOf(whole)
        .map(({ text }) => text)
        .join("\n"),
      /Zebras graze/,
    );
    for (let copy = 0; copy < copies; copy += 1) {
      try {
        for (const document of documentsOf(await parseWith(registry, name, mutated(original, random))))
          assertSections(document);
      } catch (error) {
        if (!(error instanceof IsthmusError) || error.code === "internal") throw error;
      }
    }
  });
}
