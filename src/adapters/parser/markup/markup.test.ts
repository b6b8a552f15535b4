import assert from "node:assert/strict";
import { after, test } from "node:test";
import { failsWith, parseWith, readWith, sectionTexts } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";
import { latexContent } from "./latex-reader.ts";

const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };
const registry = createParserRegistry({ format: "auto", ...limits });
after(() => registry.close());

const read = (name: string, source: string) => readWith(registry, name, source);

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
  const document = await read("a.rst", table);
  const rows = 'name | what, it eats\nzebra | grass, "fresh"\nokapi | leaves and buds';
  assert.equal(document.text.replace(/\n{2,}/g, "\n"), `Animals\n${rows}\na | b,c\n"never | closed 1 | "two"`);
});
