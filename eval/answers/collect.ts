import { readAnswerSet } from "../../src/adapters/beir/answers.ts";
import { withCorpus } from "../../src/compose/answer-evaluation.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { type Evidence, type EvidenceOptions, hitsWanted, weighEvidence } from "../../src/core/answer/evidence.ts";
import { present } from "../../src/core/errors.ts";
import { type AnswerQuestion, says } from "../../src/core/evaluate-answers.ts";
import type { Analyzer, Embedder } from "../../src/core/ports.ts";
import { createFinder } from "../../src/core/retrieve.ts";
import type { Hit } from "../../src/core/types.ts";

/** A question with what is found for it while its documents are there, and when they are not. */
export interface Found {
  readonly question: AnswerQuestion;
  /** Questions about one article are kept in one fold: the title of its first document. */
  readonly article: string;
  readonly there: Hits;
  readonly gone: Hits;
  /** Whether a sentence answers. */
  right(sentence: string): boolean;
}

interface Hits {
  weigh(options: EvidenceOptions): Promise<Evidence>;
}

/** Asks every answerable question of a BEIR folder with answers.json twice: as the corpus is, and with its own documents taken out. */
export async function collect<Result>(
  folder: string,
  tell: (line: string) => void,
  use: (found: readonly Found[]) => Promise<Result>,
): Promise<Result> {
  const signal = new AbortController().signal;
  const set = await readAnswerSet(folder, signal);
  const titles = new Map(set.documents.map(({ id, title }) => [id, title || id]));
  const questions = set.questions.filter(({ answers }) => answers.length > 0);
  const listener = { signal, onIngest() {} };
  return await withCorpus(set.documents, parseSettings({}), listener, async ({ runtime, reader, without }) => {
    const embedder = remembering(runtime.embedder);
    const analyzer = rememberingTerms(runtime.analyzer);
    const find = createFinder({ embedder, analyzer, reader });
    const search = async ({ text }: AnswerQuestion): Promise<Hits> => {
      const { hits, vector } = await find({ query: text, k: hitsWanted }, signal);
      const asked = { text, vector: present(vector, "the vector of the question") };
      return { weigh: (options) => weighEvidence(asked, hits as Hit[], { embedder, analyzer }, signal, options) };
    };
    const there = new Map<string, Hits>();
    for (const question of questions) there.set(question.id, await search(question));
    tell(`asked ${questions.length} questions`);
    const found: Found[] = [];
    for (const documents of new Set(questions.map((question) => JSON.stringify(question.documents)))) {
      const own = JSON.parse(documents) as string[];
      await without(own, async () => {
        for (const question of questions.filter((each) => JSON.stringify(each.documents) === documents)) {
          found.push({
            question,
            article: titles.get(own[0] ?? "") ?? "",
            there: present(there.get(question.id), question.id),
            gone: await search(question),
            right: (sentence) => question.answers.some((wanted) => says(sentence, wanted)),
          });
        }
      });
    }
    tell("asked them again, each without its documents");
    return await use(found);
  });
}

/** A vector depends on its text alone. */
function remembering(embedder: Embedder): Embedder {
  const known = new Map<string, Promise<Float32Array>>();
  const one = async (text: string, signal?: AbortSignal) =>
    present((await embedder.embed([text], signal))[0], "the vector of a text");
  return {
    ...embedder,
    load: (signal) => embedder.load(signal),
    close: () => embedder.close(),
    ...(embedder.unfamiliar && { unfamiliar: (...given) => present(embedder.unfamiliar, "it")(...given) }),
    embed: (texts, signal) =>
      Promise.all(
        texts.map((text) => {
          const vector = known.get(text) ?? one(text, signal);
          known.set(text, vector);
          return vector;
        }),
      ),
  };
}

function rememberingTerms(analyzer: Analyzer): Analyzer {
  const known = new Map<string, ReturnType<Analyzer["terms"]>>();
  return {
    ...analyzer,
    terms(text) {
      const terms = known.get(text) ?? analyzer.terms(text);
      known.set(text, terms);
      return terms;
    },
  };
}
