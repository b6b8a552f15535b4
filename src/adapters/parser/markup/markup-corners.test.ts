// What is rare in these languages, and was glued together or left as markup before.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readWith } from "../../../../test/support/parser/parse.ts";
import { createParserRegistry } from "../registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 22, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const text = async (name: string, source: string): Promise<string> => (await readWith(registry, name, source)).text;

test("LaTeX: titles of slides and their boxes stand apart, numbers of slides are no text", async () => {
  const slides = String.raw`\begin{frame}<1->[fragile]{Herds}\begin{block}{Facts}Zebras graze.\end{block}\only<2->{Later.} \begin{alertblock}<2>{Care}Slow.\end{alertblock}\end{frame}`;
  assert.equal(await text("a.tex", slides), "Herds\n\nFacts\n\nZebras graze.\n\nLater.\n\nCare\n\nSlow.");
  assert.equal(
    await text("a.tex", String.raw`\textquotedblleft zebra\textquotedblright{} and \textbf{bold} a<2 b`),
    "“zebra” and bold a<2 b",
  );
});

test("AsciiDoc: cells without a space between them, and a letter that is a cell", async () => {
  assert.equal(await text("a.adoc", "|===\n|a|b\n|1|d\n2+|wide\n|===\n"), "a | b\n1 | d\nwide");
  assert.equal(await text("a.adoc", '[cols="1,1"]\n|===\na|styled m|mono\n|===\n'), "styled | mono");
});

test("reStructuredText: numbers of PEPs and RFCs say what they number", async () => {
  assert.equal(await text("a.rst", "See :pep:`8` and :rfc:`2822`.\n"), "See PEP 8 and RFC 2822.");
});

test("reStructuredText: captions of code are text, names of styles and builders are not", async () => {
  const source = `.. code-block:: sh
   :caption: How to feed
   :linenos:

   feed zebra

.. container:: wide

   Zebras graze.

.. only:: html

   Online.
`;
  assert.equal(await text("a.rst", source), "How to feed\n\nfeed zebra\n\nZebras graze.\n\nOnline.");
});

test("reStructuredText: classes of Python are text, styles are not, and what is in either is kept", async () => {
  const source = `.. class:: Zebra(stripes)

   Grazes.

.. class:: wide-table

   In a style.

.. rst-class:: small

After.
`;
  assert.equal(await text("a.rst", source), "Zebra(stripes)\n\nGrazes.\n\nIn a style.\n\nAfter.");
});

test("AsciiDoc: an attribute that a condition sets is no text, and the text of a condition is", async () => {
  const head = "= Zoo\nifdef::env-github[:icons: font]\nifndef::animal[:animal: zebra]\nZena Zoe\n:food: grass\n\n";
  const body = "ifndef::food[:food: hay]\nifdef::env-github[Only here.]\n\nA {animal} eats {food}.\n";
  assert.equal(await text("a.adoc", head + body), "Zoo\n\nOnly here.\n\nA zebra eats grass.");
  assert.equal(
    await text("a.adoc", "= Zoo\nifdef::x[Said in the head.]\n\nEnd.\n"),
    "Zoo\n\nSaid in the head.\n\nEnd.",
  );
});
