import type * as z from "zod";
import type { OrProblem } from "./problem.ts";

/** Longer names are cut: a name is what the client sent, and an answer is no place for a text of any length. */
const maxNameCharacters = 64;

/** Checks a value against a schema; the problem names the first field at fault. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): OrProblem<z.output<Schema>> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  if (issue?.code === "unrecognized_keys") {
    const field = nameOf([...issue.path, issue.keys[0] ?? ""]);
    return { problem: { code: "query_invalid", sentence: `There is no field ${field}. Check its spelling.`, field } };
  }
  const field = issue === undefined ? "" : nameOf(issue.path);
  const sentence = issue?.message ?? "The request is not valid.";
  return { problem: { code: "query_invalid", sentence, ...(field === "" ? {} : { field }) } };
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map(String).join(".").toWellFormed();
  return name.length > maxNameCharacters ? `${name.slice(0, maxNameCharacters)}…` : name;
}
