import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { makeDocx } from "../../../test/support/parser/make-docx.ts";
import { encodedWord, makeMail, makeMbox, multipart } from "../../../test/support/parser/make-mail.ts";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import {
  assertSections,
  cutAt,
  documentsOf,
  failsWith,
  faultsOf,
  parseAll,
  parseWith,
} from "../../../test/support/parser/parse.ts";
import type { Parsed, ParsedDocument } from "../../core/types.ts";
import { createMboxParser } from "./mbox.ts";
import { createPartsParser } from "./parts.ts";
import { createParserRegistry } from "./registry.ts";

const limits = { maxFileBytes: 8 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const readAll = (content: string | Uint8Array, name = "a.eml"): Promise<Parsed[]> =>
  parseWith(registry, name, Buffer.from(content as Uint8Array));

async function read(content: string | Uint8Array, name = "a.eml"): Promise<ParsedDocument> {
  const parsed = await readAll(content, name);
  const [document] = documentsOf(parsed);
  assert.ok(document);
  assert.equal(parsed.length, 1);
  assertSections(document);
  return document;
}

const caseFile = (path: string): Promise<Buffer> => readFile(new URL(`../../../test/cases/${path}`, import.meta.url));
const places = (parsed: readonly Parsed[]) => documentsOf(parsed).map(({ id, title, text }) => [id, title, text]);
const headers = "From: Ann Lee <ann@example.org>\nSubject: Zebras\nDate: Thu, 26 Nov 2026 10:00:00 +0100";
const plain = (content: string) => ({ type: "text/plain; charset=utf-8", content });

test("the cases: encoded words, base64, quoted-printable", async () => {
  const base64 = await read(await caseFile("eml/a.eml"));
  assert.deepEqual([base64.id, base64.title, base64.text], [undefined, "Zebra füttern", "Zebras need clover at dawn."]);
  assert.deepEqual(base64.metadata, { subject: "Zebra füttern", from: "a@example.org", to: ["b@example.org"] });
  const quoted = await read(await caseFile("eml-qp/a.eml"));
  assert.equal(quoted.text, "Die Zebrafütterung beginnt um acht Uhr in der großen Anlage.");
});

test("headers are metadata", async () => {
  const many = Array.from({ length: 60 }, (_, index) => `p${index}@example.org`).join(",\n ");
  const { title, metadata } = await read(
    makeMail(
      `From: ${encodedWord("Änn")} <ann@example.org>\nTo: team: bo@example.org, "C, D" <cd@example.org>;\nCc: ${many}\nSubject: ${encodedWord("Grüße")}\n ${encodedWord(" und mehr")}\nMessage-ID: <m1@example.org>\nIn-Reply-To: <m0@example.org>\nDate: Thu, 26 Nov 2026 10:00:00 +0100\nX-Other: no`,
      plain("hello"),
    ),
  );
  assert.equal(title, "Grüße und mehr");
  assert.match(String(metadata["cc"]), /^p0@example\.org,.*,p49@example\.org,and 10 more$/);
  const { cc: _cc, ...rest } = metadata;
  assert.deepEqual(rest, {
    subject: "Grüße und mehr",
    from: "Änn <ann@example.org>",
    to: ["team: bo@example.org, C, D <cd@example.org>"],
    date: "2026-11-26T09:00:00.000Z",
    message_id: "m1@example.org",
    in_reply_to: "m0@example.org",
  });
});

test("the body that says most: the text, or the HTML where the text is a stub or missing", async () => {
  const html = {
    type: "text/html; charset=utf-8",
    content: "<h1>Food</h1><p>Zebras eat <b>clover</b> &amp; hay at dawn.</p>",
  };
  const both = multipart("alternative", [
    plain("Zebras eat clover & hay at dawn, as plain text.\n> quoted\n-- \nAnn"),
    html,
  ]);
  assert.equal(
    (await read(makeMail(headers, both))).text,
    "Zebras eat clover & hay at dawn, as plain text.\n> quoted\n-- \nAnn",
  );
  const stub = await read(makeMail(headers, multipart("alternative", [plain("Use HTML."), html])));
  assert.equal(stub.text, "Food\n\nZebras eat clover & hay at dawn.");
  assert.deepEqual(
    stub.sections.map((section) => section.heading),
    ["Food"],
  );
  assert.equal((await read(makeMail(headers, html))).text, stub.text);
});

test("charsets: declared, and undeclared ones of old", async () => {
  const koi = { type: "text/plain; charset=koi8-r", content: Buffer.from("\xfa\xc5\xc2\xd2\xc1", "latin1") };
  assert.equal((await read(makeMail(headers, koi))).text, "Зебра");
  const old = makeMail("From: a@example.org\nSubject: K\xf6ln", {
    type: "text/plain",
    content: Buffer.from("F\xfctterung", "latin1"),
    encoding: "8bit",
  });
  assert.deepEqual([(await read(old)).title, (await read(old)).text], ["Köln", "Fütterung"]);
});

test("attachments are documents of their own, cited by their place", async () => {
  const inner = makeMail(
    "From: bo@example.org\nSubject: Inner",
    multipart(
      "mixed",
      [plain("forwarded words"), { type: "text/csv", content: "animal,food\nzebra,clover\n", name: "list.csv" }],
      "c",
    ),
  );
  const mail = makeMail(
    headers,
    multipart("mixed", [
      plain("See attached."),
      { type: "application/octet-stream", content: makePdf([["pdf words"]]), name: "Bericht für Ann.pdf" },
      { type: "application/msword", content: await makeDocx([{ text: "docx words" }]), name: "../../a.docx" },
      { type: "text/html", content: "<title>Page</title><p>html words", name: "a.html" },
      { type: "message/rfc822", content: inner, encoding: "8bit" },
      { type: "image/png", content: "\x89PNG", name: "photo.png" },
      { type: "application/pgp-signature", content: "-----BEGIN", name: "signature.asc" },
      { type: "application/octet-stream", content: "<p>other words", name: "a.html" },
    ]),
  );
  const parsed = await readAll(mail);
  assert.deepEqual(faultsOf(parsed), []);
  assert.deepEqual(
    places(parsed).map(([id, , text]) => [id, text]),
    [
      [undefined, "See attached."],
      ["attachments/Bericht für Ann.pdf", "pdf words"],
      ["attachments/a.docx", "docx words"],
      ["attachments/a.html", "html words"],
      ["attachments/part 4.eml", "forwarded words"],
      ["attachments/part 4.eml#attachments/list.csv#1", documentsOf(parsed)[5]?.text],
      ["attachments/a (2).html", "other words"],
    ],
  );
  assert.match(documentsOf(parsed)[5]?.text ?? "", /clover/);
  assert.deepEqual(
    documentsOf(parsed)
      .map(({ title }) => title)
      .slice(0, 5),
    ["Zebras", "Bericht für Ann", "a", "Page", "Inner"],
  );
  assert.match(String(documentsOf(parsed)[0]?.metadata["attachments"]), /^Bericht für Ann\.pdf,a\.docx,.*photo\.png/);
});

test("an attachment that cannot be read is a fault with its place, and stops nothing", async () => {
  const parsed = await readAll(
    makeMail(
      headers,
      multipart("mixed", [
        { type: "application/pdf", content: "%PDF-1.7 cut off", name: "broken.pdf" },
        { type: "text/plain", content: makePdf([["x"]]), name: "lie.txt" },
        { type: "application/ms-tnef", content: "x", name: "winmail.dat" },
        { type: "application/pkcs7-mime", content: "x", name: "smime.p7m" },
        { type: "text/plain", content: "good words", name: "good.txt" },
      ]),
    ),
  );
  assert.deepEqual(places(parsed), [
    [undefined, "Zebras", "Zebras"],
    ["attachments/good.txt", "good", "good words"],
  ]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [
      ["attachments/winmail.dat", "content_lost"],
      ["attachments/smime.p7m", "content_lost"],
      ["attachments/broken.pdf", "record_invalid"],
      ["attachments/lie.txt", "record_invalid"],
    ],
  );
  const sealed = multipart("encrypted", [
    { type: "application/pgp-encrypted", content: "Version: 1" },
    { type: "application/octet-stream", content: "-----BEGIN", name: "encrypted.asc" },
  ]);
  assert.match(faultsOf(await readAll(makeMail(headers, sealed)))[0]?.reason ?? "", /encrypted\.asc is encrypted/);
});

test("parts without a charset: what the page declares, else what Windows meant; a charset that is told counts", async () => {
  const quoted = (type: string, text: string) =>
    makeMail(headers, { type, content: Buffer.from(text, "latin1"), encoding: "quoted-printable" });
  const greek = Buffer.from('<meta charset="iso-8859-7"><p>\xe6\xdd\xe2\xf1\xe1', "latin1").toString("latin1");
  assert.equal((await read(quoted("text/html", greek))).text, "ζέβρα");
  assert.equal((await read(quoted("text/plain", "Fl\xfcgel \x96 gro\xdf"))).text, "Flügel – groß");
  assert.equal((await read(quoted("text/plain;\n format=flowed", "Fl\xfcgel"))).text, "Flügel");
  assert.equal((await read(quoted("text/plain;\n charset=iso-8859-2", "\xb1 \xbe"))).text, "ą ž");
});

test("a message that was saved as UTF-16, with a mark and without", async () => {
  const message = makeMail(headers, { type: "text/plain; charset=utf-8", content: "Zebra grazing", encoding: "8bit" });
  const little = Buffer.from(message.toString("latin1"), "utf16le");
  for (const bytes of [little, Buffer.from(little).swap16(), Buffer.concat([Buffer.of(0xff, 0xfe), little])]) {
    const { title, text } = await read(bytes);
    assert.deepEqual([title, text], ["Zebras", "Zebra grazing"]);
  }
});

test("a web archive is its page or its text, without what the page looks like", async () => {
  const page = (type: string, content: string) =>
    `Content-Type: ${type}\nContent-Location: http://e.org/x\n\n${content}`;
  const archive = (parts: readonly string[]) =>
    makeMail("From: <Saved by Blink>\nSubject: Zebras", multipart("related", parts));
  const style = page("text/css", "p { color: red }");
  const whole = await read(
    archive([page("text/html", "<p>Words of the page"), style, page("text/javascript", "x()")]),
    "a.mht",
  );
  assert.deepEqual([whole.text, whole.metadata["attachments"]], ["Words of the page", undefined]);
  assert.equal((await read(archive([page("text/plain", "Words alone"), style]), "a.mhtml")).text, "Words alone");
  const named = { type: "text/css", content: "p { color: blue }", name: "ours.css" };
  assert.deepEqual(
    places(await readAll(makeMail(headers, multipart("mixed", [plain("see the style"), named])))).map(([id]) => id),
    [undefined, "attachments/ours.css"],
  );
});

test("Apple's envelope, and a message without a telling name", async () => {
  const message = makeMail(headers, plain("body words"));
  assert.equal(
    (await read(Buffer.concat([Buffer.from(`${message.length}\n`), message, Buffer.from("<plist/>")]), "1.emlx")).text,
    "body words",
  );
  assert.equal((await read(message, "1721.M2P3.host:2,S")).title, "Zebras");
});

test("no mail, an empty one, and one made to exhaust its reader", async () => {
  await assert.rejects(readAll("just words\n\nmore"), failsWith("parse_failed", /no e-mail message/));
  await assert.rejects(readAll(makeMail("From: a@example.org", plain(" \n"))), failsWith("content_empty"));
  let nested = "Content-Type: text/plain\n\nx";
  for (let depth = 0; depth < 100; depth += 1) nested = multipart("mixed", [nested], `b${depth}`);
  await assert.rejects(readAll(makeMail(headers, nested)), failsWith("parse_limit", /64 deep/));
  const forwarded = (depth: number): Buffer =>
    makeMail(
      headers,
      depth === 0
        ? plain("innermost")
        : multipart(
            "mixed",
            [{ type: "message/rfc822", content: forwarded(depth - 1), encoding: "8bit" }],
            `b${depth}`,
          ),
    );
  const parsed = await readAll(forwarded(20));
  assert.equal(documentsOf(parsed).length, 6);
  assert.deepEqual(
    faultsOf(parsed).map(({ code, reason }) => [code, /5 containers deep/.test(reason)]),
    [["record_invalid", true]],
  );
});

test("a message of 12,000 parts gives 10,000 of them and says so", async () => {
  const part = "Content-Type: text/plain\nContent-Disposition: attachment\n\nx\n";
  const parsed = await readAll(
    makeMail(headers, `Content-Type: multipart/mixed; boundary=b\n\n${`--b\n${part}`.repeat(12_000)}--b--`),
  );
  assert.equal(documentsOf(parsed).length, 10_001);
  assert.match(faultsOf(parsed)[0]?.reason ?? "", /more than 10000 files/);
});

test("a mailbox: messages by their id or number, quoting undone, attachments beside them", async () => {
  const mbox = makeMbox([
    makeMail(`${headers}\nMessage-ID: <m1@example.org>`, {
      ...plain("one\n\nFrom here 10:30 on\n>From there"),
      encoding: "8bit",
    }),
    makeMail("From: b@example.org", plain("two")),
    makeMail(
      `${headers}\nMessage-ID: <m1@example.org>`,
      multipart("mixed", [plain("three"), { type: "text/plain", content: "file", name: "f.txt" }]),
    ),
    Buffer.from("\n"),
  ]);
  for (const name of ["old.mbox", "Inbox"]) {
    const parsed = await readAll(mbox, name);
    assert.deepEqual(places(parsed), [
      ["m1@example.org", "Zebras", "one\n\nFrom here 10:30 on\n>From there"],
      ["2", "2", "two"],
      ["m1@example.org (2)", "Zebras", "three"],
      ["m1@example.org (2)#attachments/f.txt", "f", "file"],
    ]);
    assert.deepEqual(
      faultsOf(parsed).map(({ id, code }) => [id, code]),
      [["4", "record_invalid"]],
    );
  }
  await assert.rejects(readAll("no messages here\n", "a.mbox"), failsWith("content_empty", /From …/));
});

test("a mailbox is streamed: one message is bounded, the file is not", async () => {
  const parser = createMboxParser(10_000, createPartsParser(registry.select));
  const big = makeMail(headers, { ...plain("long line\n".repeat(2000)), encoding: "8bit" });
  const small = makeMail(headers, plain("small"));
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield makeMbox([small, big]);
    for (let index = 0; index < 200; index += 1) yield makeMbox([small]);
  }
  const parsed = await parseAll(parser, stream(), { uri: "file:///a.mbox" });
  assert.equal(documentsOf(parsed).length, 201);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["2", "record_too_large"]],
  );
});

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.constantFrom("From me", ">From 10:30", "--=_b", "=3D", "日本 語"),
    ),
    { maxLength: 8 },
  )
  .map((lines) => lines.join("\n").toWellFormed())
  .filter((text) => !/[\p{C}]/u.test(text.replace(/\n/g, "")) && /\S/.test(text));

test("random text through each encoding and back, alone and in a mailbox cut anywhere", async () => {
  const encoding = fc.constantFrom("base64" as const, "quoted-printable" as const);
  const sample = fc.array(fc.tuple(anyText, encoding, anyText), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(sample, fc.array(fc.nat(), { maxLength: 5 }), async (messages, cuts) => {
      const wanted = messages.map(([text]) => text.trim());
      const mails = messages.map(([text, how, file]) =>
        makeMail(
          "Subject: s",
          multipart("mixed", [
            { ...plain(text), encoding: how },
            { ...plain(file), encoding: how, name: "f.txt" },
          ]),
        ),
      );
      const [first] = mails;
      assert.ok(first);
      const [alone, file] = documentsOf(await readAll(first));
      assert.deepEqual([alone?.text, file?.text.trim()], [wanted[0], messages[0]?.[2].trim()]);
      const parser = createMboxParser(limits.maxFileBytes, createPartsParser(registry.select));
      const all = await parseAll(parser, cutAt(makeMbox(mails), cuts), { uri: "file:///a.mbox" });
      assert.deepEqual(
        documentsOf(all)
          .filter(({ title }) => title === "s")
          .map(({ text }) => text),
        wanted,
      );
    }),
    { numRuns: 60 },
  );
});
