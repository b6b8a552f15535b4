import type { OrProblem } from "./problem.ts";

/** Parameters of a query by name; those of `numbers` become numbers, anything else is left for the schema to refuse. */
export function parametersOf(
  parameters: URLSearchParams,
  numbers: readonly string[],
): OrProblem<Record<string, string | number>> {
  const values = new Map<string, string | number>();
  for (const [name, text] of parameters) {
    if (values.has(name)) {
      const field = name.slice(0, 64);
      return { problem: { code: "query_invalid", sentence: `The parameter ${field} is given twice.`, field } };
    }
    values.set(name, numbers.includes(name) && /^\d{1,9}$/.test(text) ? Number(text) : text);
  }
  return { value: Object.fromEntries(values) };
}
