import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Desk } from "./cli.ts";

/** What is read of an answer to `POST /query`. */
export interface Index {
  readonly results: readonly { readonly source: { readonly uri: string; readonly ordinal: number } }[];
  readonly index?: { readonly state: string; readonly done: number; readonly total: number };
}

interface Explained {
  readonly results: readonly { readonly score: number; readonly source: { readonly uri: string } }[];
  readonly explanation: {
    readonly results: readonly {
      readonly rankings: Readonly<
        Record<"vector" | "keyword", { readonly rank: number; readonly score: number } | undefined>
      >;
      readonly words: readonly { readonly word: string; readonly weight: number }[];
    }[];
    readonly words: readonly { readonly word: string; readonly terms: readonly string[] }[];
    readonly turned_away: readonly unknown[];
    readonly document: { readonly verdict: string; readonly best?: { readonly rank: number } };
  };
}

type Write = (name: string, text: string) => string;

/** `isthmus query --explain --why` over a few documents, on whichever store the desk has. */
export async function explainsItself(desk: Desk, write: Write, ...store: string[]): Promise<void> {
  const docs = dirname(write("keys.md", "# Keys\n\nThe reader key is rotated every ninety days."));
  const bread = write("bread.md", "# Bread\n\nRye bread is baked with sourdough.");
  write("tea.md", "# Tea\n\nTea is brewed at ninety degrees.");
  const ingested = await desk.run("ingest", docs, ...store);
  assert.equal(ingested.code, 0, ingested.stderr);
  const asked = ["query", "when is the reader key rotated?", "--k", "2", ...store];
  const run = await desk.run(...asked, "--explain", "--why", bread, "--json");
  assert.equal(run.code, 0, run.stderr);
  const { results, explanation } = run.json<Explained>();
  assert.match(results[0]?.source.uri ?? "", /keys\.md$/);
  assert.equal(explanation.results.length, 2);
  const [first] = explanation.results;
  assert.equal(first?.rankings.vector?.rank, 1);
  assert.equal(first?.rankings.keyword?.rank, 1);
  assert.deepEqual(first?.words.map(({ word }) => word).sort(), ["key", "reader", "rotated"]);
  const sum = first?.words.reduce((total, { weight }) => total + weight, 0) ?? 0;
  assert.ok(Math.abs(sum - (first?.rankings.keyword?.score ?? 0)) < 1e-3, "the words' weights are the keyword score");
  assert.deepEqual(
    explanation.words.filter(({ terms }) => terms.length === 0).map(({ word }) => word),
    ["when", "is", "the"],
  );
  assert.deepEqual(explanation.document, { ...explanation.document, verdict: "outranked" });
  assert.equal(explanation.document.best?.rank, 3);
  const told = await desk.run(...asked, "--explain", "--why", "nothing.md");
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /by vector number 1 \(.*\), by keyword number 1 \(/);
  assert.match(told.stdout, /words: .*rotated \d/);
  assert.match(told.stdout, /Looked for: when \(passed over\)/);
  assert.match(told.stdout, /nothing\.md {2}unknown: The index does not know it\./);
}

/** `GET /document` of the documents that `explainsItself` has written. */
export async function readsDocuments(url: string, write: Write): Promise<void> {
  const path = write("bread.md", "# Bread\n\nRye bread is baked with sourdough.");
  const response = await fetch(`${url}/document?${new URLSearchParams({ uri: pathToFileURL(path).href })}`);
  assert.equal(response.status, 200);
  const { document, parts } = (await response.json()) as {
    document: { title: string; chunks: number };
    parts: { text: string; start: number; end: number }[];
  };
  assert.deepEqual([document.title, document.chunks, parts.length], ["Bread", 1, 1]);
  const [part] = parts;
  assert.equal(readFileSync(path, "utf8").includes(part?.text ?? "nothing"), true);
  assert.match(part?.text ?? "", /Rye bread is baked with sourdough\./);
}
