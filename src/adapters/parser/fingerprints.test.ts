import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { test } from "node:test";
import { fingerprintsOf, inside } from "./fingerprints.ts";

const here = import.meta.dirname;
const settings = { format: "auto", maxRecordBytes: 100, ocr: undefined };
const parser = (name: string, version = 1) => ({
  name,
  version,
  records: false,
  parse: () => assert.fail("not asked for"),
});
const names = ["text", "csv", "html", "mail", "pdf", "zip", "markdown", "notebook"];

/** Whose fingerprint differs between two releases; `all`: that of what may hold files of any kind. */
function changed(before: Parameters<typeof fingerprintsOf>, now: Parameters<typeof fingerprintsOf>): string[] {
  const [one, other] = [fingerprintsOf(...before), fingerprintsOf(...now)];
  const own = [...other.fingerprints].filter(([name, words]) => one.fingerprints.get(name) !== words);
  return [...own.map(([name]) => name), ...(one.fingerprint === other.fingerprint ? [] : ["all"])];
}

const release = names.map((name) => parser(name));
const with2 = (raised: string) => names.map((name) => parser(name, name === raised ? 2 : 1));

test("a version shapes what its parser reads, what that reader stands in, and what holds files of any kind", () => {
  assert.deepEqual(changed([release, settings], [release, settings]), []);
  assert.deepEqual(changed([release, settings], [with2("csv"), settings]), ["csv", "all"]);
  assert.deepEqual(changed([release, settings], [with2("html"), settings]), ["html", "mail", "notebook", "all"]);
  assert.deepEqual(changed([release, settings], [with2("zip"), settings]), ["all"]);
});

test("a new kind may take files from text alone; a limit of records is that of their readers", () => {
  assert.deepEqual(changed([release, settings], [[...release, parser("new")], settings]), ["text", "new", "all"]);
  assert.deepEqual(changed([release, settings], [release, { ...settings, maxRecordBytes: 200 }]), ["csv", "all"]);
  assert.deepEqual(changed([release, settings], [release, { ...settings, ocr: "x" }]), ["pdf", "all"]);
});

/** Where each kind's own reading begins. */
const readers: Readonly<Record<string, string>> = {
  html: "html-reader",
  pdf: "pdf-reader",
  ...Object.fromEntries("docx xlsx ods pptx odt odp epub".split(" ").map((kind) => [kind, `office/${kind}-reader`])),
  ...Object.fromEntries("rst asciidoc org latex".split(" ").map((kind) => [kind, `markup/${kind}-reader`])),
  ...Object.fromEntries("rtf subtitles notebook xml mail msg feed".split(" ").map((kind) => [kind, `${kind}-reader`])),
  ...Object.fromEntries("text markdown csv json jsonl lines mbox zip tar gzip".split(" ").map((kind) => [kind, kind])),
};
/** The module in which the reading of a kind lies that others call upon. */
const hearts: Readonly<Record<string, string>> = {
  html: "html-walk.ts",
  rtf: "rtf-text.ts",
  mail: "mail-message.ts",
  csv: "csv-fields.ts",
  markdown: "markdown-headings.ts",
};

function modulesFrom(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !file.startsWith(here)) return seen;
  seen.add(file);
  const source = readFileSync(file, "utf8").replace(/^import type [^;]*;/gm, "");
  for (const [, path = ""] of source.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
    modulesFrom(resolve(dirname(file), path), seen);
  }
  return seen;
}

test("whose reader stands in another is told by the imports", () => {
  for (const [kind, reader] of Object.entries(readers)) {
    const modules = modulesFrom(resolve(here, `${reader}.ts`));
    const found = Object.keys(hearts).filter(
      (other) => other !== kind && modules.has(resolve(here, hearts[other] ?? "")),
    );
    assert.deepEqual(found.sort(), [...(inside[kind] ?? [])].sort(), kind);
  }
});
