import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { kinds as capitals } from "./capitals.ts";
import { kinds as dates } from "./dates.ts";
import { kinds as forms } from "./forms.ts";
import { kinds as numbers } from "./numbers.ts";
import { isAscii, pattern } from "./pattern.ts";

/** Pieces of all that is looked for, and what stands beside it. */
const pieces = [
  ..."0 1 7 12 2031 1,234.50 0044 5320 123456789 20310317 3704".split(" "),
  ..."- . / , : :// @ & + _ = ~ % # ( ) ' ’ ° € $ × x".split(" "),
  ..."a b bc def0 de89 v1 kg eur usd mar März de .net c++ J. R. Ab ABc KX st of".split(" "),
  ..."é ö μ я 年 月 日 文 ٣ ½".split(" "),
  ...["2031-03-17", "17.03.2031", "17 mars 2031", "1er de mai, 2031", "Mar 17th, 2031", "2031年3月17日", "5kg", "5 kg"],
  ...["14.3(a)", "M8x40", "Python3.12", "+49301234567", "NL79INGB2593335459", "4,310 EUR", "€ 5", "030 1234-567"],
  ...["SD-1066-N", "06A 115", "USB-C", "O'Malley", "C++", ".NET", "d'Art", "J. R. Q.", "9f2c1ab"],
  " ",
  " ",
  "\n",
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""));

for (const [room, kinds] of Object.entries({ capitals, dates, forms, numbers })) {
  const asRead = (written: string): string => (room === "capitals" ? written : written.toLowerCase());
  for (const [name, { hint, pattern: places }] of Object.entries(kinds)) {
    test(`where there are ${room} of the kind ${name}, there is its hint`, () => {
      let times = 0;
      const holds = (written: string): boolean => {
        if (written.search(places(false)) < 0) return true;
        times += 1;
        return hint.test(written);
      };
      fc.assert(
        fc.property(text, (written) => holds(asRead(written))),
        { numRuns: 5_000 },
      );
      assert.ok(times >= 20, `seen ${times} times`);
    });
  }
}

test("a text in ASCII is searched by the same pattern without Unicode's classes", () => {
  const source = String.raw`(?<![\p{L}\p{N}])[\p{Lu}][\p{L}\p{M}]*(?=[\p{Ll}\p{N}]|$)`;
  const words = pattern(source);
  fc.assert(
    fc.property(text, (written) => {
      if (isAscii(written)) assert.deepEqual(written.match(words(true)), written.match(words(false)));
    }),
    { numRuns: 5_000 },
  );
  assert.deepEqual("Été".match(words(isAscii("Été"))), ["Été"]);
});
