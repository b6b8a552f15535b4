// Messages that break the rules, as mail programs and exports write them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { documentsOf, failsWith, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const read = async (content: string | Uint8Array, name = "a.eml"): Promise<string[]> =>
  documentsOf(await parseWith(registry, name, Buffer.from(content as Uint8Array))).map(({ text }) => text.trim());
const head = "From: ann@example.org\nSubject: Zebras\nMIME-Version: 1.0\n";

test("UTF-8 under a charset that has no such letters, or that nobody knows", async () => {
  for (const charset of ["us-ascii", '"US-ASCII"', "x-unknown", "unknown-8bit"])
    assert.deepEqual(await read(`${head}Content-Type: text/plain; charset=${charset}\n\nein Café`), ["ein Café"]);
  const koi8 = Buffer.concat([
    Buffer.from(`${head}Content-Type: text/plain; charset=koi8-r\n\n`),
    Buffer.from("f0d2c9d7c5d4", "hex"),
  ]);
  assert.deepEqual(await read(koi8), ["Привет"]);
});

test("lines that end in CR alone", async () => {
  assert.deepEqual(await read(`${head}\nfirst\nsecond`.replaceAll("\n", "\r")), ["first\nsecond"]);
});

test("a message that says it has parts, and has none, is read as it stands", async () => {
  assert.deepEqual(await read(`${head}Content-Type: multipart/mixed\n\nwords without a boundary`), [
    "words without a boundary",
  ]);
});

test("the form of a text for one mail program is no attachment", async () => {
  const part = (type: string, text: string): string => `--b\nContent-Type: ${type}\n\n${text}\n`;
  const parts =
    part("text/plain", "the words") +
    part("text/x-amp-html", "<html>amp</html>") +
    part("text/html", "<p>the words</p>");
  assert.deepEqual(await read(`${head}Content-Type: multipart/alternative; boundary=b\n\n${parts}--b--\n`), [
    "the words",
  ]);
});

test("a mailbox that begins with a byte order mark keeps its first message", async () => {
  const message = (words: string): string =>
    `From ann@example.org Thu Nov 26 10:00:00 2026\nSubject: Zebras\n\n${words}\n\n`;
  assert.deepEqual(await read(`\ufeff${message("one")}${message("two")}`, "a.mbox"), ["one", "two"]);
});

test("a message that is nothing but files that are not read says so", async () => {
  const picture = "Content-Type: image/png; name=p.png\nContent-Disposition: attachment\n\n\x89PNG\n";
  await assert.rejects(
    read(`From: ann@example.org\nMIME-Version: 1.0\n${picture}`),
    failsWith("content_empty", /the file in it is empty or of a kind that is not read/),
  );
});

const parsedAs = async (content: string | Uint8Array, name: string): Promise<(string | undefined)[][]> =>
  documentsOf(await parseWith(registry, name, Buffer.from(content as Uint8Array))).map(({ id, title, text }) => [
    ...[id, title, text.trim()],
  ]);

test("a .msg that is no file of Outlook's is a message as mail servers keep it, or text", async () => {
  assert.deepEqual(await parsedAs(`${head}\nmeadow words`, "a.msg"), [[undefined, "Zebras", "meadow words"]]);
  assert.deepEqual(await parsedAs("# words of a program\nset a 1\n", "de.msg"), [
    [undefined, "de", "# words of a program\nset a 1"],
  ]);
});

test("headers that no empty line ends", async () => {
  for (const separator of [" \r\n", "\t\n", ""]) {
    const message = `From: ann@example.org\r\nSubject: Zebras\r\n${separator}The meadow (north) is dry.\r\nFeed: clover\r\n\r\nMore of it.`;
    const [[, title, text = ""] = []] = await parsedAs(message, "a.eml");
    assert.equal(title, "Zebras");
    if (separator === "") assert.match(text, /More of it\.$/);
    else assert.match(text, /^The meadow \(north\) is dry\.\s+Feed: clover\s+More of it\.$/);
  }
  assert.deepEqual(await read("From: ann@example.org\nSubject: Zebras\nwords without an empty line above"), [
    "words without an empty line above",
  ]);
  // A line that was folded without its indent is no end: headers follow.
  const folded = "From: ann@example.org\nX-Path: one\ntwo\nSubject: Zebras\n\nbody";
  assert.deepEqual(await parsedAs(folded, "a.eml"), [[undefined, "Zebras", "body"]]);
});

test("letters of another charset than the one that is declared", async () => {
  const latin = (text: string): Buffer => Buffer.from(text, "latin1");
  const quoted = `${head}Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\nK=FChe f=FCr M=FCller`;
  assert.deepEqual(await read(quoted), ["Kühe für Müller"]);
  // One bad byte among good ones costs one letter.
  assert.deepEqual(await read(quoted.replace(/\n\n.*/s, "\n\nK=C3=BChe f=C3=BCr M=FCller")), ["Kühe für M\ufffdller"]);
  const raw = latin(
    `From: J\xfcrgen <j@example.org>\nSubject: =?iso-8859-1?Q?Fr\xf6sche?= im M\xe4rz\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nS8O8aGU=\n--b\nContent-Type: text/plain; name="K\xfche.txt"\nContent-Disposition: attachment; filename="K\xfche.txt"\n\nwords\n--b--\n`,
  );
  const [message, file] = documentsOf(await parseWith(registry, "a.eml", raw));
  assert.deepEqual([message?.title, message?.text.trim()], ["Frösche im März", "Kühe"]);
  assert.deepEqual(message?.metadata["from"], "Jürgen <j@example.org>");
  assert.equal(file?.id, "attachments/Kühe.txt");
  const chinese = Buffer.concat([
    Buffer.from("From: a@example.org\nSubject: "),
    Buffer.from("b4fab8d5", "hex"),
    Buffer.from("\nContent-Type: text/plain; charset=big5\n\n"),
    Buffer.from("b4fab8d5", "hex"),
  ]);
  assert.deepEqual(await parsedAs(chinese, "a.eml"), [[undefined, "測試", "測試"]]);
});

test("UTF-7, as Outlook once wrote it", async () => {
  const body = "Die Fr+APY-sche +- ich +ACI-wir+ACI- +BB8EQAQ4BDIENQRC";
  const encoded = "=?utf-7?Q?Fr+APY-sche?=";
  assert.deepEqual(
    await parsedAs(
      `From: a@example.org\nSubject: ${encoded}\nContent-Type: text/plain; charset="utf-7"\n\n${body}`,
      "a.eml",
    ),
    [[undefined, "Frösche", 'Die Frösche + ich "wir" Привет']],
  );
});

test("files in uuencode are attachments: in the text, and as a part", async () => {
  const file = "begin 644 flock.txt\n.9FQO8VL@;V8@<VAE97``\n`\nend";
  const inText = `${head}\nSee below.\n\n${file}\n\nRegards`;
  assert.deepEqual(await parsedAs(inText, "a.eml"), [
    [undefined, "Zebras", "See below.\n\n\nRegards"],
    ["attachments/flock.txt", "flock", "flock of sheep"],
  ]);
  const part = `--b\nContent-Type: text/plain; name=flock.txt\nContent-Transfer-Encoding: x-uuencode\nContent-Disposition: attachment; filename=flock.txt\n\n${file}\n--b--\n`;
  assert.deepEqual(await parsedAs(`${head}Content-Type: multipart/mixed; boundary=b\n\n${part}`, "a.eml"), [
    [undefined, "Zebras", "Zebras"],
    ["attachments/flock.txt", "flock", "flock of sheep"],
  ]);
  // Prose that begins like one is prose.
  const prose = "begin 644 days.\nThis is how it goes.\nend";
  assert.deepEqual(await read(`${head}\n${prose}`), [prose]);
});

test("binary parts near the top, and an address without an address", async () => {
  const binary = `From: Ann\nTo: herd\nSubject: Zebras\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nmeadow words\n--b\nContent-Type: application/x-thing\nContent-Disposition: attachment; filename=a.bin\nContent-Transfer-Encoding: binary\n\n${"\0\x01\x02".repeat(400)}\n--b--\n`;
  const [message] = documentsOf(await parseWith(registry, "a.eml", Buffer.from(binary, "latin1")));
  assert.equal(message?.text.trim(), "meadow words");
  assert.deepEqual([message?.metadata["from"], message?.metadata["to"]], ["Ann", ["herd"]]);
});

test("what a web archive of Word keeps of its own is no document", async () => {
  const part = (headers: string, body: string): string => `--b\n${headers}\n\n${body}\n`;
  const archive = `MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n${part("Content-Location: file:///C:/a.htm\nContent-Type: text/html", "<p>page words")}${part(
    "Content-Location: file:///C:/a_files/themedata.xml\nContent-Transfer-Encoding: base64\nContent-Type: text/xml",
    Buffer.from("PK\x03\x04 theme").toString("base64"),
  )}${part("Content-Location: file:///C:/a_files/filelist.xml\nContent-Type: text/xml", "<xml><o:File/></xml>")}--b--\n`;
  assert.deepEqual(await read(archive, "a.mht"), ["page words"]);
});

test("a ZIP archive that is called XML is none", async () => {
  await assert.rejects(
    parseWith(registry, "a.xml", Buffer.from("PK\x03\x04\x14\x06 theme words", "latin1")),
    failsWith("content_unsupported", /holds a ZIP archive/),
  );
});

test("what PGP writes into a text is left out, and what it encrypts is told", async () => {
  const armour = (kind: string, body = "iQEzBAEBCAAdFiEE\n=abcd"): string =>
    `-----BEGIN PGP ${kind}-----\nVersion: 1\n\n${body}\n-----END PGP ${kind}-----\n`;
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe words.\n- -- dashed\n- listed\n${armour("SIGNATURE")}`;
  assert.deepEqual(await read(`${head}\n${signed}`), ["The words.\n-- dashed\n- listed"]);
  const sealed = Buffer.from(`${head}\nSee below.\r\n\r\n${armour("MESSAGE").replaceAll("\n", "\r\n")}`);
  const parsed = await parseWith(registry, "a.eml", sealed);
  assert.deepEqual(
    documentsOf(parsed).map(({ text }) => text),
    ["See below."],
  );
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["text", "content_lost"]],
  );
  // What only speaks of it stays.
  const spoken = "A key begins with\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nand goes on.";
  assert.deepEqual(await read(`${head}\n${spoken}`), [spoken]);
});
