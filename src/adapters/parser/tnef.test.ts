import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { makeMail, multipart } from "../../../test/support/parser/make-mail.ts";
import { compressedRtf } from "../../../test/support/parser/make-msg.ts";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { makeTnef } from "../../../test/support/parser/make-tnef.ts";
import { documentsOf, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";
import { readTnef } from "./tnef.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 8 * 2 ** 20, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const headers = "From: Ann Lee <ann@example.org>\nSubject: Zebras";
const winmail = (content: Uint8Array) => ({ type: "application/ms-tnef", content, name: "winmail.dat" });
const mailWith = (content: Uint8Array, words?: string) =>
  makeMail(
    headers,
    multipart("mixed", [...(words === undefined ? [] : [{ type: "text/plain", content: words }]), winmail(content)]),
  );
const read = (mail: Uint8Array) => parseWith(registry, "a.eml", mail);
const places = (parsed: Awaited<ReturnType<typeof read>>) =>
  documentsOf(parsed).map(({ id, title, text }) => [id, title, text]);

test("the attachments in a winmail.dat are attachments, those of a message in it too", async () => {
  const inner = makeTnef({
    html: "<p>inner <b>words</b>",
    files: [{ name: "deep.csv", content: "a,b\nx,deep words" }],
  });
  const tnef = makeTnef({
    compressedRtf: compressedRtf(String.raw`{\rtf1 words of the RTF\par}`),
    files: [
      { name: "Bericht für Anna.pdf", content: makePdf([["pdf words"]]) },
      { name: "note\xe4.txt", content: "old words", old: true },
      { name: "photo.png", content: "\x89PNG" },
      { name: "Fwd", content: inner, isMessage: true },
    ],
  });
  const parsed = await read(mailWith(tnef, "plain words"));
  assert.deepEqual(faultsOf(parsed), []);
  assert.deepEqual(places(parsed), [
    [undefined, "Zebras", "plain words"],
    ["attachments/Bericht für Anna.pdf", "Bericht für Anna", "pdf words"],
    ["attachments/noteä.txt", "noteä", "old words"],
    ["attachments/Fwd.html", "Fwd", "inner words"],
    ["attachments/deep.csv#1", "", "a: x\nb: deep words"],
  ]);
  assert.deepEqual(documentsOf(parsed)[0]?.metadata["attachments"], [
    ...["Bericht für Anna.pdf", "noteä.txt", "photo.png", "Fwd.html", "deep.csv"],
  ]);
});

test("a message whose text is in the winmail.dat alone, as RTF or as HTML", async () => {
  const rtf = makeTnef({ compressedRtf: compressedRtf(String.raw`{\rtf1 words of the RTF\par}`) });
  assert.deepEqual(places(await read(mailWith(rtf))), [[undefined, "Zebras", "words of the RTF"]]);
  const html = makeTnef({ html: "<p>words of the <b>page</b>" });
  assert.deepEqual(places(await read(mailWith(html, " \n"))), [[undefined, "Zebras", "words of the page"]]);
});

test("a winmail.dat by itself is read as the mail that it came in would be", async () => {
  const tnef = makeTnef({ html: "<p>words of the <b>page</b>", files: [{ name: "a.txt", content: "attached words" }] });
  for (const name of ["winmail.dat", "saved.tnef", "no-extension"]) {
    const parsed = await parseWith(registry, name, tnef);
    assert.deepEqual(faultsOf(parsed), []);
    assert.deepEqual(
      documentsOf(parsed).map(({ id, text }) => [id, text]),
      [
        [undefined, "words of the page"],
        ["attachments/a.txt", "attached words"],
      ],
    );
  }
  const cut = await parseWith(registry, "winmail.dat", tnef.subarray(0, -20));
  assert.deepEqual(
    faultsOf(cut).map(({ code }) => code),
    ["content_lost"],
  );
  await assert.rejects(parseWith(registry, "winmail.dat", makeTnef({})), { code: "content_empty" });
});

test("one that is cut off gives what came before, and says so", async () => {
  const whole = makeTnef({
    files: [
      { name: "a.txt", content: "first words" },
      { name: "b.txt", content: "second" },
    ],
  });
  const parsed = await read(mailWith(whole.subarray(0, -60), "plain words"));
  assert.deepEqual(
    places(parsed).map(([id]) => id),
    [undefined, "attachments/a.txt", "attachments/SHORT~1.TXT"],
  );
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code, reason }) => [id, code, /TNEF\) is damaged/.test(reason)]),
    [["attachments/winmail.dat", "content_lost", true]],
  );
});

test("random bytes behind the signature end, and give no more than they hold", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (bytes, at) => {
      const whole = Buffer.from(makeTnef({ html: "<p>x", files: [{ name: "a.txt", content: "words" }] }));
      whole.set(bytes.subarray(0, Math.max(0, whole.length - 6 - at)), Math.min(6 + at, whole.length));
      const found = readTnef(whole);
      const held = found?.attachments.reduce((sum, one) => sum + one.bytes.length, 0) ?? 0;
      assert.ok(held <= whole.length);
    }),
  );
  assert.equal(readTnef(Buffer.from("no TNEF at all")), undefined);
});
