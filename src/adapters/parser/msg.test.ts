import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import {
  compressedRtf,
  type MsgFolder,
  makeCompoundFile,
  msgProperties,
  msgTexts,
} from "../../../test/support/parser/make-msg.ts";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const limits = { maxFileBytes: 8 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const properties = "__properties_version1.0";
const attachment = (index: number): string =>
  `__attach_version1.0_#${index.toString(16).toUpperCase().padStart(8, "0")}`;
const file = (name: string, content: string | Uint8Array): MsgFolder => ({
  [properties]: msgProperties(8),
  ...msgTexts({ "3707": name }),
  "__substg1.0_37010102": Buffer.from(content as Uint8Array),
});

test("a message of so many sectors that their table does not fit into the header", async () => {
  const body = `${"zebra ".repeat(610_000)}okapi`;
  const msg = makeCompoundFile({ [properties]: msgProperties(32), ...msgTexts({ "1000": body }) });
  assert.ok(msg.length > 109 * 128 * 512);
  const [document] = documentsOf(await parseWith(registry, "a.msg", msg));
  assert.ok(document?.text.endsWith("okapi"));
});

test("headers, body and attachments, a message in a message too", async () => {
  const inner: MsgFolder = {
    [properties]: msgProperties(24),
    ...msgTexts({ "0037": "Inner", "1000": "inner words" }),
    [attachment(0)]: file("list.txt", "deep words"),
  };
  const msg = makeCompoundFile({
    [properties]: msgProperties(32, new Date("2026-11-26T09:00:00Z")),
    ...msgTexts({
      "0037": "Zebra füttern",
      "0C1A": "Ann Lee",
      "5D01": "ann@example.org",
      "0E04": "Bo; Cy",
      "1000": "Die Zebras brauchen Klee.\r\n> zitiert",
      "1035": "<m1@example.org>",
    }),
    [attachment(0)]: file("report.pdf", makePdf([["pdf words"]])),
    [attachment(1)]: { [properties]: msgProperties(8), ...msgTexts({ "3001": "Fwd" }), "__substg1.0_3701000D": inner },
    [attachment(2)]: file("photo.png", "\x89PNG"),
    [attachment(3)]: file("large.txt", "large words ".repeat(2000)),
  });
  const parsed = await parseWith(registry, "a.msg", msg);
  assert.deepEqual(faultsOf(parsed), []);
  assert.deepEqual(
    documentsOf(parsed).map(({ id, title, text }) => [id, title, text.slice(0, 40)]),
    [
      [undefined, "Zebra füttern", "Die Zebras brauchen Klee.\n> zitiert"],
      ["attachments/Fwd.msg", "Inner", "inner words"],
      ["attachments/report.pdf", "report", "pdf words"],
      ["attachments/large.txt", "large", "large words large words large words larg"],
      ["attachments/Fwd.msg#attachments/list.txt", "list", "deep words"],
    ],
  );
  assert.deepEqual(documentsOf(parsed)[0]?.metadata, {
    subject: "Zebra füttern",
    from: "Ann Lee <ann@example.org>",
    to: ["Bo", "Cy"],
    date: "2026-11-26T09:00:00.000Z",
    message_id: "m1@example.org",
    attachments: ["report.pdf", "photo.png", "large.txt"],
  });
});

test("HTML in bytes, text in a code page, RTF alone", async () => {
  const html = makeCompoundFile({
    [properties]: msgProperties(32),
    ...msgTexts({ "0037": "S" }),
    "__substg1.0_10130102": Buffer.from("<p>ein <b>Wort</b> für dich"),
  });
  assert.equal(documentsOf(await parseWith(registry, "a.msg", html))[0]?.text, "ein Wort für dich");
  const codePage = msgProperties(32, new Date());
  Buffer.from(codePage.buffer).writeUInt32LE(0x3ffd0003, codePage.byteOffset + 32);
  Buffer.from(codePage.buffer).writeUInt32LE(1251, codePage.byteOffset + 40);
  const ansi = makeCompoundFile({
    [properties]: codePage,
    "__substg1.0_1000001E": Buffer.from("\xc7\xe5\xe1\xf0\xe0", "latin1"),
  });
  assert.equal(documentsOf(await parseWith(registry, "a.msg", ansi))[0]?.text, "Зебра");
  const rtf = await parseWith(
    registry,
    "a.msg",
    makeCompoundFile({
      [properties]: msgProperties(32),
      ...msgTexts({ "0037": "S" }),
      "__substg1.0_10090102": Buffer.from("x"),
    }),
  );
  assert.deepEqual([documentsOf(rtf)[0]?.text, faultsOf(rtf)[0]?.code], ["S", "content_lost"]);
});

test("a body that is RTF alone: the page that it was made from, or its text", async () => {
  const bodyOf = async (compressed: Uint8Array) => {
    const msg = makeCompoundFile({
      [properties]: msgProperties(32),
      ...msgTexts({ "0037": "S" }),
      "__substg1.0_10090102": compressed,
    });
    const parsed = await parseWith(registry, "a.msg", msg);
    assert.deepEqual(faultsOf(parsed), []);
    return documentsOf(parsed)[0]?.text;
  };
  const page = String.raw`{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fcharset204 Arial;}}
{\*\htmltag18 <html>}{\*\htmltag50 <body><table><tr><td>}\htmlrtf {\htmlrtf0 \'c7\'e5\'e1\'f0\'e0{\*\htmltag84 </td><td>}3 < 5 & \u8364?\htmlrtf \cell hidden }\htmlrtf0
{\*\htmltag58 </td></tr></table></body>}}`;
  assert.equal(await bodyOf(compressedRtf(page)), "Зебра | 3 < 5 & €");
  const text = String.raw`{\rtf1\ansi\fromtext Zebras eat\par clover.}`;
  assert.equal(await bodyOf(compressedRtf(text)), "Zebras eat\n\nclover.");
  // With references into what came before, and into the dictionary that both sides begin with.
  const referring = "0300 0a00 726370673132354232 0af3 2068656c 0900 206277 05b0 6c647d 0a80 0fa0".replaceAll(" ", "");
  const header = Buffer.alloc(16);
  header.writeUInt32LE(43, 4);
  header.write("LZFu", 8, "latin1");
  assert.equal(await bodyOf(Buffer.concat([header, Buffer.from(referring, "hex")])), "hello world");
});

test("no message, a damaged one, one that leads back into itself", async () => {
  await assert.rejects(parseWith(registry, "a.msg", Buffer.from("\x89PNG words", "latin1")), failsWith("parse_failed"));
  await assert.rejects(
    parseWith(registry, "a.msg", makeCompoundFile({ WordDocument: Buffer.from("x") })),
    failsWith("parse_failed", /another kind/),
  );
  const msg = makeCompoundFile({
    [properties]: msgProperties(32),
    ...msgTexts({ "0037": "S", "1000": "x".repeat(9000) }),
  });
  const loop = Buffer.from(msg);
  // The first sector of the body follows itself.
  const table = (loop.readUInt32LE(76) + 1) * 512;
  loop.writeUInt32LE(0, table);
  await assert.rejects(parseWith(registry, "a.msg", loop), failsWith("parse_failed"));
});

test("random texts come back, short and long", async () => {
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 50 })
    .map((one) => `a${one.toWellFormed()}z`)
    .filter((one) => !/\p{C}/u.test(one));
  await fc.assert(
    fc.asyncProperty(text, text, fc.integer({ min: 1, max: 90 }), async (subject, body, times) => {
      const long = `${body} `.repeat(times).trim();
      const msg = makeCompoundFile({
        [properties]: msgProperties(32),
        ...msgTexts({ "0037": subject, "1000": long }),
        [attachment(0)]: file("f.txt", long),
      });
      const [message, attached] = documentsOf(await parseWith(registry, "a.msg", msg));
      assert.deepEqual([message?.title, message?.text, attached?.text], [subject.replace(/\s+/g, " "), long, long]);
    }),
    { numRuns: 60 },
  );
});
