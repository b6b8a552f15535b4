import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MAX_TERMS } from "../../core/filter.ts";
import { createAnalyzer } from "./analyzer.ts";

const analyzer = createAnalyzer();
const documentTerms = async (text: string): Promise<Set<string>> => new Set(await analyzer.documentTerms?.(text));
/** How many terms of a question a document has. */
async function shared(question: string, document: string): Promise<number> {
  const held = await documentTerms(`The clerk wrote ${document} on the card.`);
  return new Set((await analyzer.terms(question)).filter((term) => held.has(term))).size;
}

/** What is asked for, how the document writes it, and what lies near and is something else. */
const kinds: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  "part numbers": [
    ["KX4471", "KX-4471", "KX-4472"],
    ["kx 4471", "KX4471", "KX4472"],
    ["KX447B", "KX-44/7.B", "KX-44/7.C"],
    ["07B221904C", "07B 221 904 C", "07B 221 904 D"],
    ["B KR 4471", "BKR4471", "BKR4417"],
    ["XY5384113C2", "XY 5,384,113 C2", "XY 5,384,131 C2"],
    ["QF 318 N", "QF318N", "QF338N"],
    ["EN 4413", "EN4413", "EN4431"],
    ["Tram9c", "Tram 9c", "Tram 9d"],
  ],
  symbols: [
    ["max_spool_depth", "maxSpoolDepth", "maxSpoolFloor"],
    ["load-tenant-ledger", "loadTenantLedger", "loadTenantBasket"],
    ["parse html body", "parseHTMLBody", "parseXMLBody"],
    ["NodeJS", "Node.js", "node of the network"],
  ],
  signs: [
    ["C++", "C++", "C#"],
    ["c#", "C#", "C"],
    [".NET", ".NET", "net"],
    ["R&D", "R & D, or R&D", "R and S"],
    ["WLANB", "WLAN-B", "WLAN-C"],
    ["ClaretD", "Claret-D", "Claret-E"],
  ],
  versions: [
    ["8.14.1", "v8.14.1", "v8.14.10"],
    ["v8.14.1", "8.14.1", "8.14.2"],
    ["4.7.2rc1", "4.7.2-rc1", "4.7.2"],
    ["Quarry5.12", "Quarry 5.12", "Quarry 5.13"],
    ["QLSv1.4", "QLS 1.4", "QLS 1.5"],
    ["lathe7", "Lathe 7", "Lathe 8"],
  ],
  clauses: [
    ["21.4(c)", "clause 21.4(c)", "clause 21.4(d)"],
    ["7(b)(2)", "Rule 7(b)(2)", "Rule 7(b)(3)"],
  ],
  addresses: [
    ["10.77.4.19", "10.77.4.19:8443", "10.77.4.190:8443"],
    ["tidal.example/help?page=12", "http://tidal.example/help?page=12", "http://tidal.example/help?page=13"],
  ],
  checksums: [
    ["e9b609c", "e9b609cbfe01c02bf7be380eea089e05b0d6f7cd", "e9b6aaaafe01c02bf7be380eea089e05b0d6f7cd"],
    ["e9b609cbfe01c", "e9b609cbfe01c02bf7be380eea089e05b0d6f7cd", "e9b6aaaafe01c02bf7be380eea089e05b0d6f7cd"],
    [
      "7D4D0136D4CD42C4AC194B1DBC4B3D08",
      "7d4d0136-d4cd-42c4-ac19-4b1dbc4b3d08",
      "8d4d0136-d4cd-42c4-ac19-4b1dbc4b3d08",
    ],
  ],
  "telephone numbers and accounts": [
    ["+49 (0)30 1234-5678", "+49 30 12345678", "+49 30 12345679"],
    ["+493012345678", "+49 30 1234 5678", "+49 30 1234 5679"],
    ["020 7946 0777", "+44 20 7946 0777", "+44 20 7946 0778"],
    ["+33639984411", "06 39 98 44 11", "06 39 98 44 17"],
    ["415.555.0148", "+1 (415) 555-0148", "+1 (415) 555-0149"],
    ["NL79INGB2593335459", "NL79 INGB 2593 3354 59", "NL79 INGB 2593 3354 56"],
  ],
  days: [
    ["2031-03-17", "17 March 2031", "18 March 2031"],
    ["Mar 17, 2031", "17.03.2031", "18.03.2031"],
    ["17/03/2031", "2031-03-17", "2031-03-18"],
    ["2031-03-17", "17. März 2031", "18. März 2031"],
    ["17.03.2031", "le 17 mars 2031", "le 18 mars 2031"],
    ["2031-08-01", "1er août 2031", "2 août 2031"],
    ["2031-03-17", "17 de marzo de 2031", "18 de marzo de 2031"],
    ["2031-03-17", "17 марта 2031", "18 марта 2031"],
    ["2031-03-17", "2031年3月17日", "2031年3月18日"],
    ["2031-03-17", "20310317", "20310318"],
  ],
  measures: [
    ["37kg", "37 kg", "37 lb"],
    ["415 V", "415V", "416V"],
    ["2.75mm", "2.75 mm", "2.76 mm"],
    ["1.250 kg", "1,250 kg", "1,520 kg"],
    ["25A", "25 A", "52 A"],
    ["M9x45", "M9 × 45", "M9 × 54"],
    ["1920 x 1080", "1920×1080", "1920×1200"],
  ],
  amounts: [
    ["4310 EUR", "€4,310.00", "€4,311.00"],
    ["4.310,00 €", "€ 4,310", "$4,310"],
    ["CHF 12,640.50", "12'640.50 CHF", "12'641.50 CHF"],
  ],
  names: [
    ["Juergen Boettcher", "Jürgen Böttcher", "Jurgen Becker"],
    ["Käthe Löwe", "Kaethe Loewe", "Kathe Lowitz"],
    ["Soeren Aagaard", "Søren Ågård", "Soren Agerup"],
    ["o malleran", "O'Malleran", "O'Mallory"],
    ["JRQ Halloran", "J. R. Q. Halloran", "J. T. Halloran"],
  ],
};

suite("one thing written in two ways", () => {
  for (const [kind, cases] of Object.entries(kinds)) {
    test(kind, async () => {
      for (const [question, document, near] of cases) {
        const found = await shared(question, document);
        assert.ok(found > (await shared(question, near)), `${question}: ${document} against ${near}`);
      }
    });
  }

  test("words of prose give nothing more", async () => {
    const prose = "The well-known pump, e.g. that of the mill and/or the yard, was mended. It runs; nobody knows why.";
    assert.deepEqual(
      [...(await documentTerms(prose))].sort(),
      "eg g know known mend mill nobodi pump run well yard e e.g".split(" ").sort(),
    );
  });

  test("a question of many codes keeps within what a store takes, its own words first", async () => {
    const words = Array.from({ length: 200 }, (_, at) => `AB-${at}C`);
    const terms = new Set(await analyzer.terms(words.join(" ")));
    assert.ok(terms.size <= MAX_TERMS, `${terms.size}`);
    for (let at = 0; at < 200; at++) assert.ok(terms.has(`${at}c`), `${at}c`);
  });

  test("hostile text gives terms, and no error", async () => {
    const pieces = [
      "x",
      "1",
      "123 ",
      "a-",
      "abcdef12-",
      "a. ",
      "1,234",
      "de12 abcd 1234 ",
      "a1",
      "aB",
      "ä",
      ".a",
      "v1.",
      "€1 ",
      "://",
    ];
    for (const piece of pieces) {
      for (const term of await documentTerms(piece.repeat(20_000))) assert.match(term, /^[^\sA-Z]{1,64}$/);
    }
  });
});
