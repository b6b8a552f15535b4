import { makeArchiveZip, makeTar } from "./make-archive.ts";
import { makeDocx, makeZip } from "./make-docx.ts";
import { makeMail, makeMbox } from "./make-mail.ts";
import { compressedRtf, makeCompoundFile, msgProperties, msgTexts } from "./make-msg.ts";
import { makePdf } from "./make-pdf.ts";
import { makeOdf, makeXlsx, odsTable } from "./make-sheets.ts";

/** A file of one format with so many pieces of the same content, each with its number in it. */
type Sample = (times: number) => Promise<Uint8Array> | Uint8Array;

const openXml = "http://schemas.openxmlformats.org";
const kinds = `${openXml}/officeDocument/2006/relationships`;
const relations = (all: readonly (readonly [id: string, type: string, target: string])[]): string =>
  `<Relationships xmlns="${openXml}/package/2006/relationships">${all
    .map(([id, type, target]) => `<Relationship Id="${id}" Type="${kinds}/${type}" Target="${target}"/>`)
    .join("")}</Relationships>`;

const zebras =
  "Zebras graze on the plains of Africa from dawn to dusk, and drink once a day. Their stripes confuse the flies that carry disease.";
const each = <Made>(times: number, make: (number: number) => Made): Made[] =>
  Array.from({ length: times }, (_, at) => make(at + 1));
const repeated = (times: number, make: (number: number) => string, between = "\n"): string =>
  each(times, make).join(between);
const text =
  (make: (number: number) => string, before = "", after = "", between = "\n"): Sample =>
  (times) =>
    Buffer.from(before + repeated(times, make, between) + after);
/**
 * One file of each format, by its name.
 *
 * @param prose what piece `number` says: ASCII without markup of any of the formats.
 */
export function samplesOf(prose: (number: number) => string): Readonly<Record<string, Sample>> {
  const row = (number: number): string[] => [`Zebra ${number}`, String(number * 7), "2026-11-28", prose(number)];
  const message = (number: number): Buffer =>
    makeMail(`Subject: Zebras ${number}\nFrom: a@example.org\nMessage-ID: <${number}@example.org>`, {
      type: "text/plain",
      content: `${prose(number)}\n`.repeat(10),
    });

  function rtf(times: number): string {
    const head = String.raw`{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}}{\stylesheet{\s1\outlinelevel0 H;}}{\info{\title Zebras}}`;
    const part = (number: number): string =>
      String.raw`\pard\s1 Part ${number}\par\pard ${prose(number)} \'c7\'e5\u8364?{\footnote\pard A note.\par}\par\trowd\pard\intbl a\cell b\cell\row{\*\shppict{\pict\bin4 abcd}}`;
    return `${head}${repeated(times, part)}}`;
  }

  function pptx(times: number): Promise<Buffer> {
    const names = `xmlns:p="${openXml}/presentationml/2006/main" xmlns:a="${openXml}/drawingml/2006/main" xmlns:r="${kinds}"`;
    const slide = (number: number): string =>
      `<p:sld ${names}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>${number} ${prose(number)}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`;
    const list = repeated(times, (number) => `<p:sldId id="${number}" r:id="s${number}"/>`, "");
    return makeZip({
      "_rels/.rels": relations([["r", "officeDocument", "ppt/presentation.xml"]]),
      "ppt/presentation.xml": `<p:presentation ${names}><p:sldIdLst>${list}</p:sldIdLst></p:presentation>`,
      "ppt/_rels/presentation.xml.rels": relations(
        each(times, (number) => [`s${number}`, "slide", `slides/${number}.xml`] as const),
      ),
      ...Object.fromEntries(each(times, (number) => [`ppt/slides/${number}.xml`, slide(number)])),
    });
  }

  function epub(times: number): Promise<Buffer> {
    const chapter = repeated(times, (number) => `<h2>Part ${number}</h2><p>${prose(number)}</p>`);
    return makeZip({
      mimetype: "application/epub+zip",
      "META-INF/container.xml": `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>`,
      "a.opf": `<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>`,
      "a.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Zebras</h1>${chapter}</body></html>`,
    });
  }

  return {
    "a.txt": text((number) => `${number} ${prose(number)} It gr\u00e4zed.\n\x1b[1mbold\x1b[0m X\bX exam-\nple`),
    "a.md": text(
      (number) =>
        `# Part ${number}\n\n- ${prose(number)}\n  \`\`\`\n  # none\n  \`\`\`\n\nTwo\n---\n| a | b |\n|---|---|\n| 1 | 2 |\n`,
      "---\ntitle: Zebras\ntags: [a, b]\n---\n",
    ),
    "a.mdx": text((number) => `# Part ${number}\n\n<A title="t">${prose(number)} {x}</A>\n`, 'import A from "a"\n\n'),
    "a.html": text(
      (number) =>
        `<h2>Part ${number}</h2><p>${prose(number)} They <b>run</b>.</p><table><tr><td>a<td>b</table><details><summary>s</summary>d</details>`,
      "<html><head><title>Zebras</title></head><body><main><h1>Zebras</h1>",
      "</main></body></html>",
    ),
    "a.pdf": (times) =>
      makePdf(
        each(times, (number) => [`Page ${number}`, ...each(20, (line) => prose(number * 20 + line).slice(0, 70))]),
      ),
    "a.docx": (times) =>
      makeDocx(
        each(times, (number) => [{ style: "Heading1", text: `Part ${number}` }, { text: prose(number) }]).flat(),
        {
          table: each(times, row),
        },
      ),
    "a.xlsx": (times) => makeXlsx([{ name: "S", rows: each(times, row) }]),
    "a.ods": (times) => makeOdf("spreadsheet", odsTable("S", each(times, row))),
    "a.odt": (times) =>
      makeOdf(
        "text",
        repeated(times, (number) => `<text:h>Part ${number}</text:h><text:p>${prose(number)}</text:p>`),
      ),
    "a.odp": (times) =>
      makeOdf(
        "presentation",
        repeated(
          times,
          (number) =>
            `<draw:page><draw:frame><draw:text-box><text:p>${number} ${prose(number)}</text:p></draw:text-box></draw:frame></draw:page>`,
        ),
      ),
    "a.pptx": pptx,
    "a.epub": epub,
    "a.rtf": (times) => Buffer.from(rtf(times), "latin1"),
    "a.csv": text((number) => `${row(number).slice(0, 3).join(",")},"${prose(number)}"`, "name,count,day,words\n"),
    "a.tsv": text((number) => row(number).join("\t"), "name\tcount\tday\twords\n"),
    "a.json": text(
      (number) => `"p${number}":{"a":[1,2.50],"b":${JSON.stringify(prose(number))}}`,
      '{"title":"Zebras","n":12345678901234567890,"o":{',
      "}}",
      ",",
    ),
    "a.jsonl": text((number) =>
      JSON.stringify({ id: String(number), text: prose(number), count: number, day: "2026-11-28" }),
    ),
    "a.srt": text((number) => {
      const time = new Date(number * 2000).toISOString().slice(11, 19);
      return `${number}\n${time},000 --> ${time},900\n<i>${prose(number)}</i>\n`;
    }),
    "a.ipynb": text(
      (number) =>
        `{"cell_type":"markdown","source":["# Part ${number}\\n"]},{"cell_type":"code","source":"1+1","outputs":[{"output_type":"stream","text":${JSON.stringify(prose(number))}}]}`,
      '{"cells":[',
      '],"nbformat":4}',
      ",",
    ),
    "a.xml": text(
      (number) => `<section><title>Part ${number}</title><para>${prose(number)} &b; &amp;</para></section>`,
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><article>',
      "</article>",
    ),
    "a.rss": text(
      (number) => `<item><title>Item ${number}</title><description>&lt;p&gt;${prose(number)}</description></item>`,
      "<rss><channel>",
      "</channel></rss>",
    ),
    "a.eml": (times) =>
      makeMail("Subject: Zebras\nFrom: a@example.org", {
        type: "text/plain",
        content: repeated(times, prose),
      }),
    "a.mbox": (times) => makeMbox(each(times, message)),
    "a.msg": (times) =>
      makeCompoundFile({
        "__properties_version1.0": msgProperties(32),
        ...msgTexts({ "0037": "Zebras" }),
        "__substg1.0_10090102": compressedRtf(rtf(times)),
      }),
    "a.zip": (times) => makeArchiveZip(each(times, (number) => ({ name: `a/${number}.txt`, content: prose(number) }))),
    "a.tar": (times) => makeTar(each(times, (number) => ({ name: `a/${number}.txt`, content: prose(number) }))),
    "a.rst": text(
      (number) =>
        `Part ${number}\n======\n\n.. note:: ${prose(number)}\n\n+---+---+\n| a | b |\n+---+---+\n\n\`x <y>\`_ |s|\n`,
      "",
      "\n.. |s| replace:: t\n",
    ),
    "a.adoc": text(
      (number) =>
        `== Part ${number}\n\n{a} *bold* ${prose(number)} footnote:[n]\n\n|===\n|a |b\n|===\n\n----\ncode\n----\n`,
      "= Zebras\n:a: b\n\n",
    ),
    "a.org": text(
      (number) =>
        `* Part ${number} :tag:\n:PROPERTIES:\n:a: b\n:END:\n/${prose(number)}/ [[x][y]]\n| a | b |\n#+begin_src c\nx\n#+end_src\n`,
      "#+TITLE: Zebras\n",
    ),
    "a.tex": text(
      (number) =>
        `\\section{Part ${number}} ${prose(number)} $x^2$ \\textbf{b} \\'e % none\n\\begin{tabular}{l}a & b \\\\\\end{tabular}`,
      "\\documentclass{a}\\title{Zebras}\\begin{document}",
      "\\end{document}",
    ),
  };
}

export const samples = samplesOf(() => zebras);
