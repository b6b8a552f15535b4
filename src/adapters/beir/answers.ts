import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { IsthmusError } from "../../core/errors.ts";
import type { AnswerQuestion } from "../../core/evaluate-answers.ts";
import { type BeirDocument, readBeir, readBeirCorpus } from "./read.ts";

/** A BEIR folder with `answers.json` beside it. */
export interface AnswerSet {
  readonly documents: readonly BeirDocument[];
  /** Those that answers.json names, in the order of the queries. */
  readonly questions: readonly AnswerQuestion[];
}

/** By query id: what an answer must say, one of them; an empty list for a question that no document answers. */
const answersSchema = z.record(z.string(), z.array(z.string().regex(/\S/u)));

/**
 * Reads a BEIR folder whose `answers.json` says what the answers are. Documents of a grade above 0 answer.
 *
 * @throws as `readBeir`, and `record_invalid` naming file and query id.
 */
export async function readAnswerSet(folder: string, signal?: AbortSignal, corpus?: string): Promise<AnswerSet> {
  const { corpusPath, queries, judgements } = await readBeir(folder, signal, corpus);
  const path = join(folder, "answers.json");
  const answers = await readAnswers(path);
  const documents: BeirDocument[] = [];
  for await (const document of readBeirCorpus(corpusPath, signal)) documents.push(document);
  const known = new Set(queries.map(({ id }) => id));
  const stray = Object.keys(answers).find((id) => !known.has(id));
  if (stray !== undefined) throw invalid(path, `${JSON.stringify(stray)} is no query of queries.jsonl`);
  const questions = queries.flatMap(({ id, text }) => {
    const wanted = answers[id];
    if (wanted === undefined) return [];
    const own = [...(judgements.get(id) ?? [])].flatMap(([document, grade]) => (grade > 0 ? [document] : []));
    if (wanted.length > 0 && own.length === 0) {
      throw invalid(path, `${JSON.stringify(id)} has an answer, and qrels/test.tsv names no document that gives it`);
    }
    return [{ id, text, answers: wanted, documents: own }];
  });
  return { documents, questions };
}

async function readAnswers(path: string): Promise<Readonly<Record<string, string[]>>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const says = missing
      ? `There is no file ${path}. It names the answers: {"query id": ["what the answer says", …]}, [] for none.`
      : `${path} cannot be read.`;
    throw new IsthmusError(missing ? "source_not_found" : "source_unreadable", says, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(path, "it is not JSON");
  }
  const parsed = answersSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(path, `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "not what was expected"}`);
}

function invalid(path: string, what: string): IsthmusError {
  return new IsthmusError("record_invalid", `${path}: ${what}.`);
}
