import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { env } from "node:process";
import { after, describe, test } from "node:test";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { failsWith } from "../../../test/support/parser/parse.ts";
import { createSandbox } from "../parser/sandbox.ts";
import { createTesseract } from "./tesseract.ts";

const sandbox = createSandbox({ workers: 1 });
after(() => sandbox.close());

async function pictureOf(lines: readonly string[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(makePdf([lines]));
  const [part] = await sandbox.run({ kind: "pdf-picture", name: "a.pdf", fallbackTitle: "a", bytes, page: 1 });
  assert.ok(part?.kind === "part" && part.contentType === "image/png");
  return part.bytes;
}

const installed = spawnSync("tesseract", ["--version"]).status === 0;

describe("tesseract", { skip: installed ? false : "the program tesseract is not installed on this machine" }, () => {
  const tesseract = createTesseract({ languages: "eng" });

  test("reads a picture of a page", async () => {
    const text = await tesseract.recognize(await pictureOf(["The zebra grazes", "by the river"]));
    assert.match(text, /^The zebra grazes\s+by the river\s*$/);
  });

  test("a blank picture has no text; one that is broken is parse_failed", async () => {
    assert.equal((await tesseract.recognize(await pictureOf([]))).trim(), "");
    await assert.rejects(tesseract.recognize(Buffer.from("not a picture")), failsWith("parse_failed"));
  });

  test("a language without data ends the run, and says what to install", async () => {
    const picture = await pictureOf(["x"]);
    const absent = createTesseract({ languages: "qqq" });
    await assert.rejects(absent.recognize(picture), failsWith("config_invalid", /ISTHMUS_OCR_LANGUAGES \(qqq\)/));
    // tesseract itself reads on with those that it has.
    const half = createTesseract({ languages: "eng+qqq" });
    await assert.rejects(
      half.recognize(picture),
      failsWith("config_invalid", /: qqq\. Install it \(tesseract-ocr-qqq/),
    );
  });

  test("a cancelled one is cancelled, one that takes too long is parse_limit", async () => {
    const picture = await pictureOf(["Some text"]);
    await assert.rejects(tesseract.recognize(picture, AbortSignal.abort()), failsWith("cancelled"));
    const hurried = createTesseract({ languages: "eng", timeoutMs: 1 });
    await assert.rejects(hurried.recognize(picture), failsWith("parse_limit"));
  });
});

test("a machine without the program is told what to install", async () => {
  const path = env["PATH"];
  env["PATH"] = "/nowhere";
  const tesseract = createTesseract({ languages: "eng" });
  env["PATH"] = path;
  await assert.rejects(tesseract.recognize(Buffer.from("x")), failsWith("config_invalid", /not installed/));
});
