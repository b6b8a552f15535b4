import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { openCaseRegistry, parseCase } from "../../../test/support/parser/case.ts";
import { cutAt, documentsOf, streamOf } from "../../../test/support/parser/parse.ts";
import { type DecodeHints, decodeText } from "./decode.ts";
import { decodeHtml } from "./html-charset.ts";
import { binaryContent } from "./magic.ts";
import { utf8Stream } from "./utf8-stream.ts";

const registry = openCaseRegistry();
after(() => registry.close());

// Nobody can write these bytes with Node's own encoders.
const hex = (bytes: string): Buffer => Buffer.from(bytes.replaceAll(" ", ""), "hex");
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const read = async (bytes: Uint8Array, hints?: DecodeHints) => (await decodeText(bytes, hints)).text;
const page = async (bytes: Uint8Array) => (await decodeHtml(bytes)).text.replace(/<[^>]*>/g, "");

test("what each case says, whatever it is written in", async () => {
  const expected: Record<string, RegExp> = {
    "txt-sjis": /^斑馬は草を食べる。\n$|馬.*を食べる。/,
    "txt-gbk": /^斑马吃草。\n$/,
    "txt-utf16le-nobom": /^Zebras eat grass\.\n$/,
    "xml-latin1": /Köln zebra/,
    "csv-cp1252-header": /Größe.*12/s,
    "csv-sjis": /名前/,
    "csv-utf16le-nobom": /Zena.*Graz/s,
    "html-declared-gb2312-is-utf8": /^斑马吃草。Zebra grass\.$/,
    "html-late-meta": /^Köln zebra$/,
    "html-latin1-nometa": /^Köln zebra café$/,
    "html-shift-jis": /食べる/,
    "html-unknown-charset": /^zebra ü$/,
    "html-utf16": /^Zebra ü$/,
  };
  for (const [name, text] of Object.entries(expected)) {
    const parsed = await parseCase(registry, name);
    const [document] = documentsOf(parsed);
    assert.match(document?.text ?? "", text, name);
    assert.doesNotMatch(document?.text ?? "", /\ufffd/, name);
  }
});

test("byte order marks choose the encoding and are left out", async () => {
  const text = "hé😀";
  for (const bytes of [`\ufeff${text}`, text].map((marked) => Buffer.from(marked)))
    assert.equal(await read(bytes), text);
  assert.equal(await read(Buffer.from(`\ufeff${text}`, "utf16le")), text);
  assert.equal(await read(utf16be(`\ufeff${text}`), { declared: "gbk" }), text);
});

test("UTF-16 without a mark is text in one byte order, in any script that has spaces or line ends", async () => {
  const texts = [
    "Zebras eat grass.\n",
    "Зебры едят траву.\n",
    "斑马吃草。\n斑马睡觉。\n",
    "a,b\r\n1,2\r\n",
    "naïve 😀 text",
  ];
  for (const text of texts) {
    assert.equal(await read(Buffer.from(text, "utf16le")), text);
    assert.equal(await read(utf16be(text)), text);
  }
  const long = "Зебры едят траву.\n".repeat(2000);
  assert.equal(await read(Buffer.from(long, "utf16le")), long);
});

test("a text with a NUL or two in it is no UTF-16", async () => {
  for (const text of ["a word\0another word", "zebra\n\0\0\0\0\0\0\nokapi\n", "x\0", "\0\0\0\0ab"]) {
    assert.equal(await read(Buffer.from(text)), text);
  }
});

test("undeclared legacy text is told from its bytes", async () => {
  const samples: Record<string, Buffer> = {
    "日本語の文字コードを調べます。": hex(
      "93 fa 96 7b 8c ea 82 cc 95 b6 8e 9a 83 52 81 5b 83 68 82 f0 92 b2 82 d7 82 dc 82 b7 81 42",
    ),
    "日本語の文字です。": hex("c6 fc cb dc b8 ec a4 ce ca b8 bb fa a4 c7 a4 b9 a1 a3"),
    "한국어 문장입니다.": hex("c7 d1 b1 b9 be ee 20 b9 ae c0 e5 c0 d4 b4 cf b4 d9 2e"),
    "Зебры едят траву каждый день.": hex(
      "c7 e5 e1 f0 fb 20 e5 e4 ff f2 20 f2 f0 e0 e2 f3 20 ea e0 e6 e4 fb e9 20 e4 e5 ed fc 2e",
    ),
    ...Object.fromEntries(
      ["Größe und Straße für Zebras", "café Straße", "naïve résumé", "España", "Größe"].map((text) => [
        text,
        latin1(text),
      ]),
    ),
    "5 € – 10": hex("35 20 80 20 96 20 31 30"),
    "L'été, le zèbre mange près de la forêt.": latin1("L'été, le zèbre mange près de la forêt."),
    "“Zebra” – 5 €": hex("93 5a 65 62 72 61 94 20 96 20 35 20 80"),
    "Zażółć gęślą jaźń": hex("5a 61 bf f3 b3 e6 20 67 ea 9c 6c b9 20 6a 61 9f f1"),
  };
  for (const [text, bytes] of Object.entries(samples)) assert.equal(await read(bytes), text);
  assert.equal(await read(hex("1b 24 42 46 7c 4b 5c 38 6c 1b 28 42 20 6f 6b")), "日本語 ok");
});

test("a declaration is obeyed by any label of the encoding standard, and one that nobody knows is none", async () => {
  assert.equal(await read(latin1("caf\xe9 na\xefve"), { declared: "ISO_8859-1" }), "café naïve");
  assert.equal(await read(hex("82 a0"), { declared: "x-sjis" }), "あ");
  // An extended Korean syllable, and a character of Hong Kong.
  assert.equal(await read(hex("94 ee"), { declared: "euc-kr" }), "뷁");
  assert.equal(await read(hex("87 40"), { declared: "big5" }), "䏰");
  assert.equal(await read(latin1("caf\xe9 Stra\xdfe"), { declared: "klingon" }), "café Straße");
  assert.equal(await read(Buffer.from("zebra ü"), { declared: "unicode" }), "zebra ü");
  assert.equal(
    await read(latin1("# -*- coding: latin-1 -*-\nname = 'M\xfcller'\n")),
    "# -*- coding: latin-1 -*-\nname = 'Müller'\n",
  );
});

test("what is valid UTF-8 is UTF-8, whatever it declares, unless two-byte characters happen to be", async () => {
  for (const declared of ["gb2312", "iso-8859-1", "shift_jis"]) {
    assert.equal(await read(Buffer.from("斑马吃草"), { declared }), "斑马吃草");
  }
  assert.equal(await read(Buffer.from("Müller"), { declared: "windows-1252" }), "Müller");
  // 通 in GBK is the two bytes of ͨ in UTF-8.
  assert.equal(await read(hex("cd a8"), { declared: "gbk" }), "通");
});

test("one bad byte costs one character, and it is told", async () => {
  const cut = await decodeText(Buffer.concat([Buffer.from("zèbre "), Buffer.of(0xe9), Buffer.from(" été")]));
  assert.deepEqual(cut, { encoding: "utf-8", text: "zèbre \ufffd été", replaced: 1 });
  assert.equal((await decodeText(Buffer.from("the spelled \ufffd is no loss, é"))).replaced, 0);
  // Half a pair, and a lead byte whose other half is missing: the "<" after it stays.
  assert.deepEqual(await decodeText(hex("ff fe 00 d8 41 00")), { encoding: "utf-16le", text: "\ufffdA", replaced: 1 });
  const lead = await decodeText(hex("82 a0 82 3c 62 3e"), { declared: "shift_jis" });
  assert.deepEqual([lead.text, lead.replaced], ["あ\ufffd<b>", 1]);
});

test("HTML: the mark, then the declaration wherever it stands in the head, then UTF-8, then windows-1252", async () => {
  const filler = `<!--${"x".repeat(3000)}--><style>${"p { color: red }\n".repeat(500)}</style>`;
  const declared = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">';
  const late = await decodeHtml(Buffer.concat([latin1(filler), latin1(declared), hex("82 a0 80")]));
  assert.deepEqual([late.encoding, late.text.at(-2)], ["shift_jis", "あ"]);
  assert.equal(await page(Buffer.concat([latin1("<meta charset=windows-1251><p>"), hex("c7 e5 e1 f0")])), "Зебр");
  assert.equal(await page(latin1('<?xml version="1.0" encoding="iso-8859-1"?><html><p>caf\xe9')), "café");
  for (const label of ["unicode", "ucs-2", "csunicode", "iso-10646-ucs-2", "utf-16", "UTF-16BE"]) {
    assert.equal(await page(Buffer.from(`<meta charset="${label}"><p>zebra ü`)), "zebra ü", label);
  }
  assert.equal(await page(latin1("<p>caf\xe9 M\xfcller \x96 \x80")), "café Müller – €");
  assert.equal(await page(Buffer.concat([Buffer.from("<p>é è "), Buffer.of(0xff), Buffer.from(" à")])), "é è \ufffd à");
});

async function streamed(chunks: readonly Uint8Array[]): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of utf8Stream(streamOf(chunks))) parts.push(part);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
}

test("a stream is read as the whole is, however it is cut", async () => {
  const unit = fc.constantFrom(
    ...["words ", "é", "\u00c3\u00a9", "😀", "日本", "\n", "\0", "\x1b[1m", "\ufffd", "straße "].map((text) =>
      Buffer.from(text),
    ),
    ...["\xe9", "caf\xe9 ", "\xff", "\x82\xa0", "\xc2"].map(latin1),
    ...["words\n", "日本 "].map((text) => Buffer.from(text, "utf16le")),
    Buffer.alloc(5000, "ascii "),
    Buffer.alloc(17_000, "ü"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 8 }), async (units, cuts) => {
      const bytes = Buffer.concat(units);
      const whole = await streamed([bytes]);
      assert.equal(await streamed(cutAt(bytes, cuts)), whole);
    }),
    { numRuns: 200 },
  );
  for (const text of ["Zażółć gęślą jaźń", "日本語", "plain"]) {
    const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
    assert.equal(await streamed([...bytes].map((byte) => Buffer.of(byte))), text);
  }
});

test("UTF-32, with a mark and without; numbers of a program are none", async () => {
  const text = "Zebras eat grass, größer 😀.\n";
  const wide = (little: boolean, of = text) => {
    const bytes = Buffer.alloc([...of].length * 4);
    [...of].forEach((sign, at) => {
      const point = sign.codePointAt(0) ?? 0;
      if (little) bytes.writeUInt32LE(point, at * 4);
      else bytes.writeUInt32BE(point, at * 4);
    });
    return bytes;
  };
  for (const little of [true, false]) {
    for (const mark of ["", "\ufeff"]) {
      const bytes = wide(little, mark + text);
      const decoded = await decodeText(bytes);
      assert.deepEqual([decoded.text, decoded.replaced], [text, 0], `${little} ${mark.length}`);
      const pieces: Buffer[] = [];
      for await (const piece of utf8Stream(streamOf(cutAt(bytes, [1, 6, 23, 50])))) pieces.push(Buffer.from(piece));
      assert.equal(Buffer.concat(pieces).toString(), text);
      assert.equal(binaryContent(bytes), undefined);
    }
  }
  assert.equal(
    (await decodeText(Buffer.concat([wide(true, `\ufeff${text}`), wide(true, "a").fill(0xff)]))).replaced,
    1,
  );
  const numbers = Buffer.alloc(400);
  for (let at = 0; at < 100; at += 1) numbers.writeUInt32LE(1000 + at * 7, at * 4);
  assert.equal(binaryContent(numbers), "binary data");
});

test("Cyrillic of DOS is told from that of Windows, of KOI8 and of ISO", async () => {
  // "Все люди рождаются свободными и равными." in code page 866.
  const dos = "82e1a520abeea4a820e0aea6a4a0eee2e1ef20e1a2aea1aea4adebaca820a820e0a0a2adebaca82e";
  assert.equal((await decodeText(Buffer.from(dos, "hex"))).text, "Все люди рождаются свободными и равными.");
});
