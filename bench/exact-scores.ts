import { readBeir, readBeirCorpus } from "../src/adapters/beir/read.ts";
import { evaluationCut } from "../src/core/evaluate.ts";
import { ndcg } from "../src/core/metrics.ts";
import { nearest } from "./vectors.ts";

/** Gives a vector for each text. */
export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

/**
 * nDCG@10 of a model by itself on each judged query of a BEIR folder, by query id: one vector a document, of its title and
 * text cut at the model's limit, and exact search.
 */
export async function exactScores(folder: string, embed: Embed): Promise<Map<string, number>> {
  const { corpusPath, queries, judgements } = await readBeir(folder);
  const ids: string[] = [];
  const texts: string[] = [];
  for await (const document of readBeirCorpus(corpusPath)) {
    ids.push(document.id);
    texts.push(`${document.title} ${document.text}`.trim());
  }
  const documents = await embed(texts);
  const judged = queries.flatMap(({ id, text }) => {
    const grades = judgements.get(id);
    return grades === undefined ? [] : [{ id, text, grades }];
  });
  const vectors = await embed(judged.map(({ text }) => text));
  return new Map(
    judged.map(({ id, grades }, index) => {
      const found = nearest(vectors[index] ?? new Float32Array(), documents, evaluationCut);
      const ranking = found.map((position) => ids[position] ?? "");
      return [id, ndcg(ranking, grades, evaluationCut)];
    }),
  );
}
