import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { assertSections, documentsOf, failsWith, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";
import { sectionsOf } from "./sections.ts";

const limits = { maxFileBytes: 8 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

/** @param source in Latin-1. */
async function read(source: string, name = "a.rtf") {
  const parsed = await parseWith(registry, name, Buffer.from(source, "latin1"));
  const [document] = documentsOf(parsed);
  assert.ok(document);
  assertSections(document);
  return { ...document, faults: faultsOf(parsed) };
}

const textOf = async (body: string, head = ""): Promise<string> =>
  (await read(String.raw`{\rtf1\ansi\ansicpg1252\deff0${head}\pard ${body}}`)).text;

test("headings by style and by level, what the file says of itself, and nothing of its tables of fonts and styles", async () => {
  const document = await read(
    String.raw`{\rtf1\ansi{\fonttbl{\f0\fnil Arial;}}{\colortbl;\red0\green0\blue0;}
{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Chapter;}{\s2{\*\soutlvl0}heading 2;}{\*\cs3 Strong;}}
{\info{\title Zebra care}{\author Ann Lee}{\doccomm hidden}{\creatim\yr2026}}{\*\generator Riched20}
\pard\plain\s1 Food\par\pard\plain Clover.\par\pard\s2 {\b Winter}\par\pard Hay.\par{\pard\outlinelevel0 Water\par}\pard Daily.\par}`,
  );
  assert.equal(document.title, "Zebra care");
  assert.deepEqual(document.metadata, { author: "Ann Lee" });
  assert.deepEqual(
    document.sections.map(({ heading, start, end }) => [heading, document.text.slice(start, end)]),
    [
      ["Food", "Clover."],
      ["Food > Winter", "Hay."],
      ["Water", "Daily."],
    ],
  );
  assert.doesNotMatch(document.text, /Arial|Normal|Riched|hidden/);
});

test("letters in any code page, by fonts, as numbers, in Unicode with and without what stands in their place", async () => {
  const fonts = String.raw`{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Times CYR;}{\f2\fcharset128 MS Mincho;}{\f3\fcharset2 Wingdings;}{\f4\fnil\cpg1250 T;}}`;
  for (const [body, text] of [
    [String.raw`caf\'e9 na\'EFve`, "café naïve"],
    [String.raw`{\f1 \'c7\'e5\'e1\'f0\'e0} \'e9`, "Зебра é"],
    // The second byte of a character may be written as the letter that it is.
    [String.raw`\f2 \'83e\'83X\'83g\plain  ok`, "テスト ok"],
    [String.raw`{\f4 \'b3\'f3d\'9f}`, "łódź"],
    [String.raw`\u8364? \u-10179?\u-8704? {\uc0 \u233}t\u233\'e9 {\uc2 \u28450\'ba\'ba}x`, "€ 😀 été 漢x"],
    [String.raw`a\~b \_c\-d \emdash  \ldblquote q\rdblquote  \{\}\\`, "a\u00a0b -cd — “q” {}\\"],
    [String.raw`{\f3 \'fc} done {\f3 \u-3844 ?}`, "✓ done ✓"],
  ] as const) {
    assert.equal(await textOf(body, fonts), text, body);
  }
  assert.equal((await read(String.raw`{\rtf1\mac caf\'8e}`)).text, "café");
  const utf8 = Buffer.from(String.raw`{\rtf1\ansi Füße 漢字\par caf\'e9}`).toString("latin1");
  assert.equal((await read(utf8)).text, "Füße 漢字\n\ncafé");
});

test("rows of tables, empty cells in their place, tables in cells, frames", async () => {
  assert.equal(
    await textOf(
      String.raw`Before\par\trowd\cellx1\cellx2\cellx3\pard\intbl name\cell\cell size\par in cm\cell\row
\trowd\pard\intbl a\cell b\cell 7\cell\row\pard After\par`,
    ),
    "Before\n\nname |  | size in cm\na | b | 7\n\nAfter",
  );
  assert.equal(
    await textOf(
      String.raw`\pard\intbl out\par\pard\intbl\itap2 x\nestcell y\nestcell{\*\nesttableprops\trowd\nestrow}{\nonesttables\par SHOWN TO OTHERS}
\pard\intbl\itap1\cell second\cell\row\pard\trowd\pard\intbl alone\cell\row`,
    ),
    "out x | y | second\n\nalone",
  );
});

test("notes and comments below their paragraph, headers and footers once, pictures by their words, forms", async () => {
  assert.equal(
    await textOf(
      String.raw`{\header\pard Report\par}{\headerf\pard Report\par}{\footer\pard Page {\field{\*\fldinst PAGE}{\fldrslt 1}}\par}
Zebras{\super\chftn{\footnote\pard\plain{\super\chftn} Equus quagga.\par}} graze{\*\atnid A}{\*\atnauthor Ann}\chatn{\*\annotation\pard Sure?}.\par
{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A zebra}}{\sp{\sn other}{\sv no}}}\pngblip 89504e47}}{\nonshppict{\pict 00ff}}See.\par
{\field{\*\fldinst HYPERLINK "http://zebra.example/"}{\fldrslt the herd}}
{\field{\*\fldinst FORMCHECKBOX{\*\formfield{\fftype1\ffres25\ffdefres1{\*\ffname C}}}}{\fldrslt}} wild
{\field{\*\fldinst FORMDROPDOWN{\*\formfield{\fftype2\ffres1{\*\ffl red}{\*\ffl blue}}}}{\fldrslt}}\par
{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt\pard Boxed\par}}{\shprslt{\*\do Boxed again}}}`,
    ),
    "Report\n\nZebras[1] graze.\n\n[1] Equus quagga.\n\n[Comment by Ann: Sure?]\n\nSee.\n\nA zebra\n\nthe herd☒ wildblue\n\nBoxed\n\nPage 1",
  );
});

test("lists keep their numbers; hidden, deleted, embedded and unknown things stay out, and what is given twice is there once", async () => {
  assert.equal(
    await textOf(
      String.raw`{\listtext\pard 1.\tab}One\par{\listtext\pard 2.\tab}Two\par{\pntext\f3\'b7\tab}Dot\par\pard
seen{\v unseen}{\deleted gone}{\*\unknown{\b more} words}{\object{\*\objdata 0102}{\result shown}}{\upr{first}{\*\ud{second}}} \bin5 {{}}\x end`,
    ),
    "1. One\n2. Two\nDot\n\nseenshownsecond x end",
  );
});

test("RTF is known by its beginning under other names; what is none, is empty or is nested without end is refused", async () => {
  assert.equal((await read(String.raw`{\rtf1 words}`, "a.doc")).text, "words");
  assert.equal((await read(String.raw`{\rtf1 words}`, "letter")).text, "words");
  await assert.rejects(read("words"), failsWith("parse_failed", /does not begin with/));
  await assert.rejects(read(String.raw`{\rtf1{\fonttbl{\f0 Arial;}}\par\par}`), failsWith("content_empty"));
  await assert.rejects(read(`{\\rtf1 ${"{".repeat(100_000)}`), failsWith("parse_limit"));
  const cut = await read(String.raw`{\rtf1 {\b words} and`);
  assert.equal(cut.text, "words and");
  assert.deepEqual(
    cut.faults.map(({ code }) => code),
    ["content_lost"],
  );
  assert.equal((await read(String.raw`{\rtf1 words} and what follows`)).text, "words");
});

test("a level of a heading that is none ends, and is no heading", async () => {
  const source = String.raw`{\rtf1{\stylesheet{\s1\outlinelevel-3 H;}}\pard\outlinelevel-1 One\par\pard two\par\pard\s1 Three\par\pard four}`;
  assert.equal((await read(source)).text, "One\n\ntwo\n\nThree\n\nfour");
  const heading = { level: 0, label: "One", start: 0, end: 3 };
  assert.deepEqual(sectionsOf("One\ntwo", [heading]), [{ heading: "One", start: 4, end: 7 }]);
});

test("any text comes back, whatever it is written by", async () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).map((one) => `a${one.toWellFormed()}z`);
  const plain = text.filter((one) => !/[\p{C}\s]/u.test(one));
  const signOf = (unit: string): string => {
    const code = unit.charCodeAt(0);
    return code > 0x7e ? `\\u${code > 0x7fff ? code - 0x10000 : code}?` : /[\\{}]/.test(unit) ? `\\${unit}` : unit;
  };
  const written = (one: string): string => one.split("").map(signOf).join("");
  await fc.assert(
    fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 8 }), fc.boolean(), async (lines, inGroups) => {
      const body = lines.map((line) => (inGroups ? `{\\b ${written(line)}}` : written(line))).join("\\par\r\n");
      assert.equal(await textOf(body), lines.join("\n\n"));
      const cells = lines.map((line) => `\\pard\\intbl ${written(line)}\\cell `).join("");
      assert.equal(await textOf(`\\trowd ${cells}\\row`), lines.join(" | "));
    }),
    { numRuns: 100 },
  );
});
