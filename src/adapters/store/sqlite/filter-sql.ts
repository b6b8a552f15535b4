import { membersOf, rangeBounds } from "../../../core/filter.ts";
import type { Filter } from "../../../core/types.ts";
import { interruptible } from "./interrupt.ts";
import { uriRange } from "./manifest-rows.ts";
import { valueKey } from "./metadata-rows.ts";

/** A query for the row ids of chunks, with its parameters. */
export interface Selection {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/**
 * The chunks that a validated filter lets through, or undefined when it lets everything through. All values are bound.
 * Chunks of uncommitted attempts may be among them; searches do not see those anyway.
 */
export function filterSelection(filter: Filter): Selection | undefined {
  const conditions: Selection[] = [];
  if (filter.uri !== undefined && filter.uri !== "") {
    const { where, bounds } = uriRange(filter.uri);
    const sql = `SELECT c.id AS id FROM document d JOIN chunk c ON c.attempt = d.attempt WHERE ${where} AND ${interruptible("c.id")}`;
    conditions.push({ sql, parameters: bounds });
  }
  for (const [key, wanted] of Object.entries(filter.metadata ?? {})) {
    const sql = `SELECT chunk AS id FROM metadata WHERE key = ? AND value IN (SELECT value FROM json_each(?)) AND ${interruptible("chunk")}`;
    conditions.push({
      sql,
      parameters: [key.normalize("NFC"), JSON.stringify(membersOf(wanted).map(valueKey))],
    });
  }
  for (const [key, range] of Object.entries(filter.range ?? {})) {
    const { axis, from, to } = rangeBounds(key, range);
    const sql = `SELECT chunk AS id FROM metadata WHERE key = ? AND axis = ? AND at BETWEEN ? AND ? AND ${interruptible("chunk")}`;
    conditions.push({ sql, parameters: [key, axis, from, to] });
  }
  if (conditions.length === 0) return undefined;
  return {
    sql: conditions.map(({ sql }) => sql).join(" INTERSECT "),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}
