import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fc } from "../../../../test/support/fast-check.ts";
import {
  assertSections,
  documentsOf,
  failsWith,
  parseWith,
  sectionTexts,
} from "../../../../test/support/parser/parse.ts";
import type { ParsedDocument } from "../../../core/types.ts";
import { createParserRegistry } from "../registry.ts";
import { latexContent } from "./latex-reader.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

async function read(name: string, source: string): Promise<ParsedDocument> {
  const [document] = documentsOf(await parseWith(registry, name, Buffer.from(source)));
  assert.ok(document);
  assertSections(document);
  return document;
}

test("reStructuredText: headings by their marks, words without markup, comments and targets out", async () => {
  const document = await read(
    "zoo.rst",
    `.. a comment
   over lines
.. _top:

=========
Zoo guide
=========

:Author: Ann Lee
:Date: 2026-11-26

Feed **clover** to *zebras* at \`\`6 am\`\`; see \`the list <http://e.org>\`_, :ref:\`Food <food>\`,
:class:\`~zoo.Zebra\` and Lions_ [1]_ of |name|. Not a* star, 2*3*4, snake_case_name.

.. |name| replace:: the *town* zoo
.. image:: zebra.png
   :alt: A zebra

Food
====

Example::

    feed(zebra)  # *kept*

.. note:: Mind the **gate**.

   It bites.

.. code-block:: python
   :linenos:

   if x:
       y

Tables
------

==== =====
Name Food
==== =====
Zebra clover
Lion  meat
==== =====

+------+-------+
| a    |       |
+======+=======+
| b    | c     |
|      | d     |
+------+-------+

.. include:: other.rst
.. toctree::

   hidden
.. [1] A footnote.
`,
  );
  assert.equal(document.title, "Zoo guide");
  assert.deepEqual(document.metadata, { author: "Ann Lee", date: "2026-11-26" });
  const texts = sectionTexts(document);
  assert.match(
    texts[0] ?? "",
    /^Zoo guide: Author: Ann Lee\nDate: 2026-11-26\n\nFeed clover to zebras at 6 am; see the list, Food,\nZebra and Lions \[1\] of the \*?town\*? zoo\. Not a\* star, 2\*3\*4, snake_case_name\.\n\nA zebra$/,
  );
  assert.equal(
    texts[1],
    "Zoo guide > Food: Example:\n\nfeed(zebra)  # *kept*\n\nMind the gate.\n\nIt bites.\n\nif x:\n    y",
  );
  assert.match(
    texts[2] ?? "",
    /^Zoo guide > Food > Tables: Name \| Food\nZebra \| clover\nLion \| meat\na \|\nb \| c d\n\n\(includes other\.rst\)\n\n\[1\] A footnote\.$/,
  );
  assert.doesNotMatch(document.text, /comment|hidden|linenos|_top/);
});

test("AsciiDoc: headings, blocks, tables, attributes", async () => {
  const document = await read(
    "zoo.adoc",
    `= Zoo guide
Ann Lee <ann@e.org>
v1.0, 2026-11-26
:product: Zebra _care_

// a comment
Use {product} with *clover* and \`hay\`, see https://e.org[the site], <<food,Food>>footnote:[Fresh.].
Not {unknown}, a_b_c, 2*3*4.

[[food]]
== Food

.A title
[source,python]
----
if x: # *kept*
    y
----

NOTE: Mind the gate.

****
Side words.
****

////
gone
////

=== Table

[cols="1,1"]
|===
|Name |Food

|Zebra
|*clover*
|
|meat
|===

* one
** two
image::z.png[A zebra,200]
include::other.adoc[]
ifdef::x[]
conditional
endif::[]

Old style
---------
last`,
  );
  assert.equal(document.title, "Zoo guide");
  assert.deepEqual(document.metadata, { author: "Ann Lee", revision: "v1.0, 2026-11-26" });
  assert.deepEqual(sectionTexts(document), [
    "Zoo guide: Use Zebra care with clover and hay, see the site, Food (Fresh.).\nNot {unknown}, a_b_c, 2*3*4.",
    "Zoo guide > Food: A title\n\nif x: # *kept*\n    y\n\nNOTE: Mind the gate.\n\nSide words.",
    "Zoo guide > Food > Table: Name | Food\nZebra | clover\n | meat\n\n* one\n** two\n\nA zebra\n\n(includes other.adoc)\n\nconditional",
    "Zoo guide > Old style: last",
  ]);
});

test("LaTeX: of formulas and definitions that nobody closes there may be any number", async () => {
  for (const piece of ["\\[", "\\(", "\\def", "$ \n\n", "\\verb"])
    assert.ok(latexContent(piece.repeat(300_000)).text.length < 3_000_000, piece);
});

test("Org: of drawers that nobody closes there may be any number", async () => {
  const source = Buffer.from(":PROPERTIES:\n".repeat(250_000));
  await assert.rejects(parseWith(registry, "a.org", source), failsWith("content_empty"));
});

test("Org: headlines, drawers, blocks, tables, links", async () => {
  const document = await read(
    "zoo.org",
    `#+TITLE: Zoo /guide/
#+AUTHOR: Ann Lee
# a comment
Intro with *bold*, /italic/, =code= and [[http://e.org][a link]]; a/b/c and 2*3*4 stay.
* TODO [#A] Food :feed:zoo:
DEADLINE: <2026-12-24 Thu>
:PROPERTIES:
:ID: 7
:END:
Clover at dawn.
#+BEGIN_SRC python
if x:
    y  # *kept*
#+END_SRC
| Name  | Food |
|-------+------|
| Zebra |      |
** COMMENT Secret
hidden
*** hidden too
* Last
#+begin_quote
quoted /words/
#+end_quote
#+begin_comment
gone
#+end_comment
#+INCLUDE: "other.org"
: fixed width`,
  );
  assert.equal(document.title, "Zoo guide");
  assert.deepEqual(document.metadata, { author: "Ann Lee" });
  assert.deepEqual(
    sectionTexts(document),
    [
      ": Intro with bold, italic, code and a link; a/b/c and 2*3*4 stay.",
      "Food: DEADLINE: <2026-12-24 Thu>\n\nClover at dawn.\n\nif x:\n    y  # *kept*\nName | Food\nZebra |",
      'Last: quoted words\n\n(includes "other.org")\nfixed width',
    ].map((text) => text),
  );
});

test("LaTeX: sections, accents, lists, tables, mathematics, code; comments and preamble out", async () => {
  const document = await read(
    "zoo.tex",
    String.raw`\documentclass[12pt]{article} % gone
\usepackage{x}\newcommand{\zoo}[1]{the #1}
\title{Zoo \emph{guide}}\author{Ann L\'e\"e}\date{2026}
\begin{document}\maketitle
Feed \textbf{clover} --- 100\% fresh~hay % secret
and \"Ubung in Stra\ss e, \c{c}a, \LaTeX{}; ${"``"}quoted''.\footnote{Really.} See \cite[p.~3]{lee}\label{x}.

It costs $a^2 + b$ and
\begin{equation}\label{e} E = mc^2 \end{equation}
\section[Short]{Food \& drink}
\begin{itemize}\item one \item[two] more\end{itemize}
\begin{tabular}{l|r}\hline Name & Food \\ Zebra & \\ \hline \multicolumn{2}{c}{both} \end{tabular}
\begin{verbatim}
if x: % kept
    y
\end{verbatim}
\textcolor{red}{Red} \href{http://e.org}{link} \mycommand{own words} \verb|raw_|
\input{chapter2}
\begin{theorem}[Lee's] True.\end{theorem}
\begin{comment}
hidden
\end{comment}
\end{document}
after the end`,
  );
  assert.equal(document.title, "Zoo guide");
  assert.deepEqual(document.metadata, { author: "Ann Léë", date: "2026" });
  const [intro = "", food = ""] = sectionTexts(document);
  assert.match(
    intro,
    /^: Feed clover — 100% fresh hay and Übung in Straße, ça, LaTeX; “quoted”\. \(Really\.\) See \[lee\]\.\n\nIt costs a\^2 \+ b and\n\nE = mc\^2$/,
  );
  assert.equal(
    food,
    "Food & drink: - one\n- two more\nName | Food\nZebra |\nboth\n\nif x: % kept\n    y\n\nRed link own words raw_\n\n(includes chapter2)\n\nLee's\n\nTrue.",
  );
  assert.doesNotMatch(document.text, /secret|hidden|gone|after the end|documentclass|the #1/);
  assert.equal((await read("chapter.tex", "\\chapter{One}\nwords")).text, "One\n\nwords");
});

const kinds = {
  rst: {
    heading: (level: number, label: string) => `${label}\n${("=-~^"[level - 1] ?? "=").repeat(label.length + 3)}\n`,
  },
  adoc: { heading: (level: number, label: string) => `${"=".repeat(level)} ${label}\n` },
  org: { heading: (level: number, label: string) => `${"*".repeat(level)} ${label}\n` },
  tex: {
    heading: (level: number, label: string) =>
      `\\${["section", "subsection", "subsubsection", "paragraph"][level - 1]}{${label}}\n`,
  },
};
const word = fc.stringMatching(/^[a-zäéЖ日]{1,9}$/);
const words = fc.array(word, { minLength: 2, maxLength: 9 }).map((list) => list.join(" "));
const part = fc.record({ level: fc.integer({ min: 1, max: 4 }), label: words, text: words });

for (const [extension, { heading }] of Object.entries(kinds)) {
  test(`${extension}: random sections come back with their headings, word for word`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        // Levels begin at 1 and go down by one, as every one of these languages has it.
        let last = 0;
        const levels = parts.map(({ level }) => {
          last = Math.min(level, last + 1);
          return last;
        });
        const source = parts
          .map(({ label, text }, index) => `${heading(levels[index] ?? 1, label)}\n${text}.\n`)
          .join("\n");
        const document = await read(`a.${extension}`, source);
        assert.deepEqual(
          document.sections.map(({ heading: path, start, end }) => [
            path.split(" > ").at(-1),
            path.split(" > ").length,
            document.text.slice(start, end),
          ]),
          parts.map(({ label, text }, index) => [label, levels[index], `${text}.`]),
        );
      }),
      { numRuns: 50 },
    );
  });

  test(`${extension}: nothing crashes or hangs on any text`, async () => {
    const marks = fc.constantFrom(
      ..."\\{}[]$%&~^_*`|=+-:.#/<>()@!\n\n\n \t".split(""),
      "::",
      ".. ",
      "\\begin{",
      "\\end{",
      "tabular}",
      "#+begin_src\n",
      "|===\n",
      "----\n",
      "[[",
      "]]",
      "a",
      "word",
      "==",
      "* ",
      "\\'",
      "+--+\n",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(marks, { maxLength: 120 }), async (pieces) => {
        const text = pieces.join("");
        const code = text.trim() === "" ? "content_blank" : "content_empty";
        await parseWith(registry, `a.${extension}`, Buffer.from(text)).catch(failsWith(code));
      }),
      { numRuns: 150 },
    );
    const many = 40_000;
    for (const piece of ["*a ", "`a", "{", "[[a", "\\a{", ".. a::\n ", "|", "_a_", "$", "((a", ":a:`"]) {
      await parseWith(registry, `a.${extension}`, Buffer.from(piece.repeat(many))).catch(failsWith("content_empty"));
    }
  });
}

test("reStructuredText: a table of comma-separated values has its header, its delimiter and its quotes", async () => {
  const table = `.. csv-table:: Animals
   :header: name, "what, it eats"
   :widths: 1, 2

   zebra, "grass, ""fresh"""
   okapi, "leaves
   and buds"

.. csv-table::
   :delim: ;

   a;b,c
   "never; closed
   1; "two"
`;
  const [document] = documentsOf(await parseWith(registry, "a.rst", Buffer.from(table)));
  const rows = 'name | what, it eats\nzebra | grass, "fresh"\nokapi | leaves and buds';
  assert.equal(document?.text.replace(/\n{2,}/g, "\n"), `Animals\n${rows}\na | b,c\n"never | closed 1 | "two"`);
});
