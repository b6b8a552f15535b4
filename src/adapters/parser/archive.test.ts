import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fc } from "../../../test/support/fast-check.ts";
import { makeArchiveZip, makeTar } from "../../../test/support/parser/make-archive.ts";
import { makeDocx } from "../../../test/support/parser/make-docx.ts";
import { encodedWord, makeMail, multipart } from "../../../test/support/parser/make-mail.ts";
import {
  cutAt,
  documentsOf,
  failsWith,
  faultsOf,
  objectRef,
  parseAll,
  parseWith,
} from "../../../test/support/parser/parse.ts";
import type { Parsed } from "../../core/types.ts";
import { type ContainerInput, containerLimits, createPartsParser } from "./parts.ts";
import { createParserRegistry } from "./registry.ts";
import { createTarParser } from "./tar.ts";
import { createZipParser } from "./zip.ts";

const limits = { maxFileBytes: 8 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const texts = (parsed: readonly Parsed[]) => documentsOf(parsed).map(({ id, text }) => [id, text]);
const faults = (parsed: readonly Parsed[]) => faultsOf(parsed).map(({ id, code }) => [id, code]);

const entries = [
  { name: "README.md", content: "# Zoo\n\nwords" },
  { name: "docs/über 日本.txt", content: "in a folder" },
  { name: "docs/list.csv", content: "animal\nzebra\nlion\n" },
  { name: "pictures/photo.png", content: "\x89PNG" },
  { name: "__init__.py", content: "" },
  { name: "node_modules/x/index.js", content: "no" },
  { name: "docs/.hidden", content: "no" },
  { name: `${"long/".repeat(40)}name.html`, content: "<title>T</title><p>deep" },
];

test("ZIP, tar, tar.gz and gz: entries are records by their path, parsed by their kind", async () => {
  const wanted = [
    ["README.md", "# Zoo\n\nwords"],
    ["docs/über 日本.txt", "in a folder"],
    ["docs/list.csv#1", "zebra"],
    ["docs/list.csv#2", "lion"],
    [`${"long/".repeat(40)}name.html`, "deep"],
  ];
  const tar = makeTar(entries);
  const made: [string, Buffer][] = [
    ["a.zip", await makeArchiveZip(entries)],
    ["a.tar", tar],
    ["a.tar", makeTar(entries, "gnu")],
    ["a.tar.gz", gzipSync(tar)],
    ["a.tgz", Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))])],
  ];
  for (const [name, content] of made) {
    const parsed = await parseWith(registry, name, content);
    // How a row of a table is written is its parser's affair.
    const shown = documentsOf(parsed).map(({ id, text }, index) => [
      id,
      text.includes(wanted[index]?.[1] ?? "\0") ? wanted[index]?.[1] : text,
    ]);
    assert.deepEqual([shown, faults(parsed)], [wanted, []], name);
    const [readme] = documentsOf(parsed);
    assert.deepEqual([readme?.title, readme?.sections[0]?.heading], ["Zoo", "Zoo"]);
    assert.equal(documentsOf(parsed)[1]?.title, "über 日本");
  }
  const [alone] = documentsOf(await parseWith(registry, "notes.txt.gz", gzipSync("just words")));
  assert.deepEqual([alone?.id, alone?.title, alone?.text], [undefined, "notes", "just words"]);
});

test("what is passed over is told with its place, and is no fault", async () => {
  const inner = await makeArchiveZip([
    { name: "b.png", content: "x" },
    { name: "b.txt", content: "words" },
  ]);
  const zip = await makeArchiveZip([...entries, { name: "inner.zip", content: inner }]);
  const told: string[] = [];
  const uri = "file:///docs/a.zip";
  const selected = registry.select(objectRef(uri), zip.subarray(0, 4096));
  assert.ok("parser" in selected);
  const input: ContainerInput = {
    uri,
    contentType: selected.contentType,
    bytes: (async function* () {
      yield zip;
    })(),
    passedOver: (place, reason) => told.push(`${place}: ${reason.code}`),
  };
  const parsed: Parsed[] = [];
  for await (const one of selected.parser.parse(input)) parsed.push(one);
  assert.deepEqual(faults(parsed), []);
  assert.deepEqual(told, [
    "pictures/photo.png: content_unsupported",
    "__init__.py: content_empty",
    "inner.zip#b.png: content_unsupported",
  ]);
});

test("containers in containers: each record has its whole way", async () => {
  const mail = makeMail(
    `Subject: ${encodedWord("Häi")}`,
    multipart("mixed", [
      { type: "text/plain", content: "body" },
      {
        type: "application/zip",
        content: await makeArchiveZip([{ name: "in/a.docx", content: await makeDocx([{ text: "docx words" }]) }]),
        name: "a.zip",
      },
    ]),
  );
  const zip = await makeArchiveZip([
    { name: "mails/m.eml", content: mail },
    { name: "t.tgz", content: gzipSync(makeTar([{ name: "x.txt", content: "tarred" }])) },
  ]);
  assert.deepEqual(texts(await parseWith(registry, "all.zip", zip)), [
    ["mails/m.eml", "body"],
    ["mails/m.eml#attachments/a.zip#in/a.docx", "docx words"],
    ["t.tgz#x.txt", "tarred"],
  ]);
});

test("bad entries are told with their place and reason, and stop nothing", async () => {
  const broken = Buffer.from(
    await makeArchiveZip([
      { name: "first.txt", content: "words ".repeat(100) },
      { name: "last.txt", content: "good" },
    ]),
  );
  broken.fill(0xff, 45, 52);
  const parsed = await parseWith(registry, "a.zip", broken);
  assert.deepEqual([texts(parsed), faults(parsed)], [[["last.txt", "good"]], [["first.txt", "record_invalid"]]]);

  const bad = [
    { name: "../out.txt", content: "x" },
    { name: "/etc/passwd", content: "x" },
    { name: "C:\\windows\\a.txt", content: "x" },
    { name: "sub\\ok.txt", content: "fine" },
    { name: "lie.txt", content: Buffer.from("\x89PNG\r\n", "latin1") },
  ];
  const wanted = [
    ["../out.txt", "record_invalid"],
    ["/etc/passwd", "record_invalid"],
    ["C:/windows/a.txt", "record_invalid"],
    ["lie.txt", "record_invalid"],
  ];
  const zip = await parseWith(
    registry,
    "a.zip",
    await makeArchiveZip([...bad, { name: "link", content: "/etc/passwd", mode: 0o120777 }]),
  );
  assert.deepEqual([texts(zip), faults(zip)], [[["sub/ok.txt", "fine"]], [...wanted, ["link", "record_invalid"]]]);
  const tar = await parseWith(
    registry,
    "a.tar",
    makeTar([
      ...bad,
      { name: "link", type: "2" },
      { name: "hard", type: "1" },
      { name: "fifo", type: "6" },
      { name: "dir/", type: "5" },
    ]),
  );
  assert.deepEqual(faults(tar), [
    ...wanted,
    ["link", "record_invalid"],
    ["hard", "record_invalid"],
    ["fifo", "record_invalid"],
  ]);
  assert.match(faultsOf(tar)[4]?.reason ?? "", /symbolic link/);
});

test("an encrypted entry is told", async () => {
  const zip = await makeArchiveZip([
    { name: "secret.txt", content: "x" },
    { name: "open.txt", content: "words" },
  ]);
  // The flag of encryption, in the header of the directory.
  const directory = zip.indexOf("PK\x01\x02");
  zip.writeUInt16LE(zip.readUInt16LE(directory + 8) | 1, directory + 8);
  const parsed = await parseWith(registry, "a.zip", zip);
  assert.deepEqual([texts(parsed), faults(parsed)], [[["open.txt", "words"]], [["secret.txt", "content_lost"]]]);
  assert.match(faultsOf(parsed)[0]?.reason ?? "", /password/);
});

test("no archive, an empty one, one of pictures, one that is cut off", async () => {
  await assert.rejects(
    parseWith(registry, "a.zip", Buffer.from("PK\x03\x04 no")),
    failsWith("parse_failed", /no ZIP archive/),
  );
  await assert.rejects(parseWith(registry, "a.tar", Buffer.from("words")), failsWith("parse_failed", /no tar archive/));
  await assert.rejects(
    parseWith(registry, "a.gz", Buffer.from("words")),
    failsWith("parse_failed", /damaged or cut off/),
  );
  await assert.rejects(parseWith(registry, "a.tar", makeTar([])), failsWith("content_empty"));
  await assert.rejects(
    parseWith(registry, "a.zip", await makeArchiveZip([{ name: "a.png", content: "x" }])),
    failsWith("content_empty", /1 of other kinds/),
  );
  const tar = makeTar([
    { name: "a.txt", content: "whole" },
    { name: "b.txt", content: "x".repeat(2000) },
  ]);
  const cut = await parseWith(registry, "a.tar", tar.subarray(0, 2048));
  assert.deepEqual(
    [texts(cut), faults(cut)],
    [
      [["a.txt", "whole"]],
      [
        ["b.txt", "record_invalid"],
        ["(the rest)", "content_lost"],
      ],
    ],
  );
  const noise = Buffer.alloc(400_000);
  for (let at = 0, state = 1; at < noise.length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    noise[at] = state >>> 16;
  }
  const gz = gzipSync(
    makeTar([
      { name: "a.txt", content: "whole" },
      { name: "b.png", content: noise },
    ]),
  );
  const half = await parseWith(registry, "a.tar.gz", gz.subarray(0, gz.length / 2));
  assert.deepEqual([texts(half), faults(half)], [[["a.txt", "whole"]], [["(the rest)", "content_lost"]]]);
});

test("bombs: by ratio, by nesting, by number, by size, by claims", async () => {
  const zeros = Buffer.alloc(6 * 1024 * 1024, "a");
  const ratio = await parseWith(
    registry,
    "a.zip",
    await makeArchiveZip([
      { name: "bomb.txt", content: zeros },
      { name: "ok.txt", content: "words" },
    ]),
  );
  assert.deepEqual([texts(ratio), faults(ratio)], [[["ok.txt", "words"]], [["bomb.txt", "record_invalid"]]]);
  await assert.rejects(parseWith(registry, "a.txt.gz", gzipSync(zeros)), failsWith("parse_limit", /200 times/));

  let nested = await makeArchiveZip([{ name: "core.txt", content: "core" }]);
  for (let depth = 0; depth < 8; depth += 1)
    nested = await makeArchiveZip([
      { name: `d${depth}.txt`, content: String(depth) },
      { name: "in.zip", content: nested },
    ]);
  const deep = await parseWith(registry, "a.zip", nested);
  assert.deepEqual([documentsOf(deep).length, faultsOf(deep).length], [5, 1]);
  assert.match(faultsOf(deep)[0]?.reason ?? "", /5 containers deep/);
  let layers = gzipSync("core");
  for (let depth = 0; depth < 8; depth += 1) layers = gzipSync(layers);
  await assert.rejects(
    parseWith(registry, `a${".gz".repeat(9)}`, layers),
    failsWith("parse_limit", /5 containers deep/),
  );

  const tight = { ...containerLimits, maxEntries: 50, maxBytes: 100_000, maxCharacters: 20_000 };
  const parseParts = createPartsParser(registry.select, tight);
  const many = Array.from({ length: 60 }, (_, index) => ({ name: `${index}.txt`, content: "x" }));
  const options = { uri: "file:///a.tar" };
  const counted = await parseAll(createTarParser(parseParts), makeTar(many), options);
  assert.deepEqual(
    [documentsOf(counted).length, faultsOf(counted).map(({ id, reason }) => [id, /50 files/.test(reason)])],
    [50, [["(the rest)", true]]],
  );
  const large = Array.from({ length: 20 }, (_, index) => ({ name: `${index}.png`, content: "x".repeat(9000) }));
  assert.match(
    faultsOf(
      await parseAll(
        createZipParser(1e6, parseParts),
        await makeArchiveZip(large.map((one, index) => ({ ...one, name: `${index}.txt` }))),
        options,
      ),
    ).at(-1)?.reason ?? "",
    /20000 characters/,
  );
  const unpacked = await makeArchiveZip(
    large.map((one, index) => ({ ...one, name: `${index}.html`, content: "<p hidden>".repeat(900) })),
  );
  assert.match(
    faultsOf(await parseAll(createZipParser(1e6, parseParts), unpacked, options)).at(-1)?.reason ?? "",
    /100000 bytes/,
  );

  const claims = await parseWith(
    registry,
    "a.tar",
    makeTar([{ name: "a.txt", content: "words", size: 0o77777777777 }]),
  );
  assert.deepEqual(
    [texts(claims), faults(claims)],
    [
      [],
      [
        ["a.txt", "record_invalid"],
        ["(the rest)", "content_lost"],
      ],
    ],
  );
});

const anyText = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .map((text) => `a${text.toWellFormed()}z`)
  .filter((text) => !/[\p{C}]/u.test(text));

test("random text through each archive and back, cut anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyText, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (contents, cuts) => {
        const files = contents.map((content, index) => ({ name: `f/${index}.txt`, content }));
        const wanted = files.map(({ name, content }) => [name, content]);
        const tar = makeTar(files);
        for (const [name, bytes] of [
          ["a.zip", await makeArchiveZip(files)],
          ["a.tar", tar],
          ["a.tar.gz", gzipSync(tar)],
        ] as const) {
          const uri = `file:///${name}`;
          const selected = registry.select(objectRef(uri), bytes.subarray(0, 4096));
          assert.ok("parser" in selected);
          assert.deepEqual(texts(await parseAll(selected.parser, cutAt(bytes, cuts), { uri })), wanted);
        }
      },
    ),
    { numRuns: 60 },
  );
});
