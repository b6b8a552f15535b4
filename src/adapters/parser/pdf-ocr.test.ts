import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import {
  documentsOf,
  failsWith,
  faultsOf,
  objectRef,
  parseAll,
  sectionTexts,
} from "../../../test/support/parser/parse.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { TextRecognizer } from "../../core/ports.ts";
import { createParserRegistry } from "./registry.ts";

/** Answers from a list, in order, and takes pictures alone: tesseract itself is tried in its own test. */
function recognizer(answers: (string | IsthmusError)[]): TextRecognizer {
  return {
    identity: "listed:1",
    async recognize(picture) {
      assert.deepEqual([...picture.subarray(1, 4)], [...Buffer.from("PNG")]);
      const answer = answers.shift();
      if (answer instanceof IsthmusError) throw answer;
      return answer ?? "";
    },
  };
}

const limits = { format: "auto", maxFileBytes: 2 ** 25, maxRecordBytes: 2 ** 20 } as const;
const opened: { close(): Promise<void> }[] = [];
after(() => Promise.all(opened.map((one) => one.close())));

async function parse(bytes: Uint8Array, name: string, answers: (string | IsthmusError)[]) {
  const registry = createParserRegistry({ ...limits, recognizer: recognizer(answers) });
  opened.push(registry);
  const selected = registry.select(objectRef(`file:///docs/${name}`), bytes.subarray(0, 4096));
  assert.ok("parser" in selected);
  return parseAll(selected.parser, bytes, { uri: `file:///docs/${name}`, contentType: selected.contentType });
}

const scan = { texts: [], picture: [400, 400] } as const;

test("pages that are pictures are read by OCR, in their place", async () => {
  const pdf = makePdf([["Text of the first page, long enough"], scan, [], scan, ["Last page of the document, a text"]]);
  const parsed = await parse(pdf, "mixed.pdf", ["Scanned zebra\n", ""]);
  assert.deepEqual(documentsOf(parsed).flatMap(sectionTexts), [
    "Page 1: Text of the first page, long enough",
    "Page 2: Scanned zebra",
    "Page 5: Last page of the document, a text",
  ]);
  assert.deepEqual(faultsOf(parsed), []);
});

test("a page that OCR cannot read is told, the others are kept", async () => {
  const broken = new IsthmusError("parse_limit", "OCR of a picture took too long.");
  const parsed = await parse(makePdf([scan, scan]), "scan.pdf", [broken, "Second"]);
  assert.deepEqual(documentsOf(parsed).flatMap(sectionTexts), ["Page 2: Second"]);
  assert.deepEqual(
    faultsOf(parsed).map(({ id, code }) => [id, code]),
    [["page 1", "content_lost"]],
  );
});

test("a missing program ends the run; a scan without a word is content_no_text", async () => {
  const missing = new IsthmusError("config_invalid", "not installed");
  await assert.rejects(parse(makePdf([scan]), "scan.pdf", [missing]), failsWith("config_invalid"));
  await assert.rejects(parse(makePdf([scan]), "scan.pdf", [""]), failsWith("content_no_text", /OCR found none/));
});

test("a picture is a document where OCR is on, whatever its name, and passed over where it is off", async () => {
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(100)]);
  assert.equal(documentsOf(await parse(png, "scan.png", ["A receipt"]))[0]?.text, "A receipt");
  await assert.rejects(parse(png, "photo.png", [""]), failsWith("content_no_text"));
  const off = createParserRegistry(limits);
  opened.push(off);
  assert.ok("skip" in off.select(objectRef("file:///docs/scan.png"), png));
});

test("OCR and its languages are part of the fingerprint, of PDF and pictures alone", () => {
  const on = createParserRegistry({ ...limits, recognizer: recognizer([]) });
  const off = createParserRegistry(limits);
  opened.push(on, off);
  assert.equal(on.fingerprint, `${off.fingerprint},picture@2;ocr=listed:1`);
  const differing = [...on.fingerprints].filter(([name, own]) => off.fingerprints.get(name) !== own);
  // Text is what nobody else reads.
  assert.deepEqual(differing.map(([name]) => name).sort(), ["pdf", "picture", "text"]);
});
