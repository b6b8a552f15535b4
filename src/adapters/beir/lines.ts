import { createReadStream } from "node:fs";
import { IsthmusError } from "../../core/errors.ts";

export interface NumberedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a UTF-8 file, streamed, blank ones left out, without their line end and without a byte order mark.
 * Splits at LF alone (a CR before it goes): `node:readline` also splits at U+2028, which JSON strings may contain.
 *
 * @throws `source_not_found`, `source_unreadable`.
 */
export async function* readLines(path: string, signal?: AbortSignal): AsyncGenerator<NumberedLine> {
  let rest = "";
  let number = 0;
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", ...(signal ? { signal } : {}) })) {
      const lines = (rest + String(piece)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        number += 1;
        const text = clean(line, number);
        if (text !== "") yield { number, text };
      }
    }
  } catch (thrown) {
    throw fileError(path, thrown);
  }
  const last = clean(rest, number + 1);
  if (last !== "") yield { number: number + 1, text: last };
}

function clean(line: string, number: number): string {
  const withoutMark = number === 1 && line.startsWith("\uFEFF") ? line.slice(1) : line;
  return withoutMark.endsWith("\r") ? withoutMark.slice(0, -1).trim() : withoutMark.trim();
}

function fileError(path: string, thrown: unknown): unknown {
  if (thrown instanceof IsthmusError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ABORT_ERR") return new IsthmusError("cancelled", `Reading ${path} was stopped.`, { cause: thrown });
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new IsthmusError(
      "source_not_found",
      `There is no file ${path}. A BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv.`,
      { cause: thrown },
    );
  }
  return new IsthmusError("source_unreadable", `${path} cannot be read (${String(code ?? thrown)}).`, {
    cause: thrown,
  });
}
