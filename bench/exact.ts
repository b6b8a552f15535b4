import { join } from "node:path";
import { readBeir, readBeirCorpus } from "../src/adapters/beir/read.ts";
import { evaluateRun, evaluationCut } from "../src/core/evaluate.ts";
import type { PythonPeer } from "./python.ts";
import { withScratch } from "./scratch.ts";
import { nearest } from "./vectors.ts";
import { readVectors } from "./vectors-file.ts";

const dimensions = 384;

/** Gives a vector for each text. */
export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

/**
 * nDCG@10 of a model by itself on a BEIR folder: one vector a document, of its title and text cut at the model's limit,
 * and exact search.
 */
export async function exactNdcg(folder: string, embed: Embed): Promise<number> {
  const set = await readBeir(folder);
  const ids: string[] = [];
  const texts: string[] = [];
  for await (const document of readBeirCorpus(set.corpusPath)) {
    ids.push(document.id);
    texts.push(`${document.title} ${document.text}`.trim());
  }
  const documents = await embed(texts);
  const judged = set.queries.filter((query) => set.judgements.has(query.id));
  const queries = await embed(judged.map((query) => query.text));
  const rankings = new Map(
    judged.map((query, index) => {
      const found = nearest(queries[index] ?? new Float32Array(), documents, evaluationCut);
      return [query.id, found.map((position) => ids[position] ?? "")];
    }),
  );
  return evaluateRun(rankings, set.judgements)["ndcg@10"];
}

/** The fp32 model of sentence-transformers as an embedder. */
export function embedInPython(python: PythonPeer): Embed {
  return (texts) =>
    withScratch(async (scratch) => {
      const path = join(scratch, "vectors.f32");
      await python.load(texts, scratch);
      await python.encode(32, path);
      return await readVectors(path, dimensions);
    });
}
