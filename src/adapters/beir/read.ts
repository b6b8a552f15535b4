import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { IsthmusError } from "../../core/errors.ts";
import type { EvaluationQuery } from "../../core/evaluate.ts";
import { type NumberedLine, readLines } from "./lines.ts";

/** A retrieval test set in the layout of BEIR (Thakur et al., 2021). */
export interface BeirSet {
  /** `corpus.jsonl`, ready to be indexed as JSON lines; it exists. */
  readonly corpusPath: string;
  readonly queries: readonly EvaluationQuery[];
  /** Grades by query id, then document id. */
  readonly judgements: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface BeirDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const querySchema = z.object({ _id: z.string().min(1), text: z.string().min(1) });
const documentSchema = z.object({ _id: z.string().min(1), title: z.string().default(""), text: z.string() });

/**
 * Reads the queries and judgements of a folder with `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`; the corpus
 * itself is only looked for.
 *
 * @param corpusPath where the folder's questions are about a corpus that lies elsewhere.
 * @throws `source_not_found` naming the missing file, `record_invalid` naming file and line.
 */
export async function readBeir(
  folder: string,
  signal?: AbortSignal,
  corpusPath = join(folder, "corpus.jsonl"),
): Promise<BeirSet> {
  const found = await stat(corpusPath).catch(() => undefined);
  if (!found?.isFile()) {
    throw new IsthmusError(
      "source_not_found",
      `There is no file ${corpusPath}. A BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv.`,
    );
  }
  const queriesPath = join(folder, "queries.jsonl");
  const queries = await readQueries(queriesPath, signal);
  const judgementsPath = join(folder, "qrels", "test.tsv");
  const judgements = await readJudgements(judgementsPath, signal);
  if (!queries.some((query) => judgements.has(query.id))) {
    throw new IsthmusError(
      "record_invalid",
      `${judgementsPath} judges no query of ${queriesPath}: the two files share no query id.`,
    );
  }
  return { corpusPath, queries, judgements };
}

/** The documents of a BEIR `corpus.jsonl`, streamed. Throws as `readBeir` does. */
export async function* readBeirCorpus(path: string, signal?: AbortSignal): AsyncGenerator<BeirDocument> {
  for await (const line of readLines(path, signal)) {
    const { _id, title, text } = parseJson(path, line, documentSchema);
    yield { id: _id, title, text };
  }
}

async function readQueries(path: string, signal: AbortSignal | undefined): Promise<EvaluationQuery[]> {
  const queries = new Map<string, EvaluationQuery>();
  for await (const line of readLines(path, signal)) {
    const { _id, text } = parseJson(path, line, querySchema);
    if (queries.has(_id)) throw invalid(path, line.number, `the query id ${quote(_id)} stands there a second time`);
    queries.set(_id, { id: _id, text });
  }
  return [...queries.values()];
}

async function readJudgements(
  path: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, ReadonlyMap<string, number>>> {
  const judgements = new Map<string, Map<string, number>>();
  let first = true;
  for await (const line of readLines(path, signal)) {
    const [queryId, documentId, score, ...more] = line.text.split("\t").map((field) => field.trim());
    const heading = first && queryId === "query-id";
    first = false;
    if (heading) continue;
    if (!queryId || !documentId || score === undefined || more.length > 0 || !/^-?\d+$/.test(score)) {
      throw invalid(path, line.number, "wanted are three tab-separated fields: query id, document id, whole number");
    }
    const ofQuery = judgements.get(queryId) ?? new Map<string, number>();
    if (ofQuery.has(documentId)) {
      throw invalid(path, line.number, `query ${quote(queryId)} judges ${quote(documentId)} a second time`);
    }
    judgements.set(queryId, ofQuery.set(documentId, Number(score)));
  }
  return judgements;
}

function parseJson<Shape>(path: string, line: NumberedLine, schema: z.ZodType<Shape>): Shape {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    // The parser's own message quotes the line, which is a document's text: it is not kept as a cause.
    throw invalid(path, line.number, "the line is not JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? "the line" : issue.path.join(".");
  throw invalid(path, line.number, `${field}: ${issue?.message ?? "not what was expected"}`);
}

function invalid(path: string, line: number, what: string): IsthmusError {
  return new IsthmusError("record_invalid", `${path}, line ${line}: ${what}.`);
}

function quote(id: string): string {
  return JSON.stringify(id.length > 80 ? `${id.slice(0, 80)}…` : id);
}
