import { namedIn } from "../../compose/location.ts";
import type { QueryEngine } from "../../compose/query-engine.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Filter } from "../../core/types.ts";
import { type Invocation, textOption } from "../command.ts";

/** Of the commands that look for something. */
export const filterOptions = { prefix: { type: "string" }, where: { type: "string", multiple: true } } as const;
export const filterHelp = {
  prefix: "only documents under this path, or whose URI starts with this",
  where: "only where metadata has key=value; several of one key mean or, of several keys and",
} as const;

/** Of `--prefix` and `--where`; undefined where neither was given. */
export async function filterOf(
  { reader }: QueryEngine,
  invocation: Invocation,
  metadata: Readonly<Record<string, string[]>>,
): Promise<Filter | undefined> {
  const prefix = textOption(invocation, "prefix");
  const uri = prefix === undefined ? undefined : (await namedIn(reader, prefix)).uri;
  const conditions = Object.keys(metadata).length > 0;
  if (uri === undefined && !conditions) return undefined;
  return { ...(uri !== undefined && { uri }), ...(conditions && { metadata }) };
}

/** Of `--where`, before anything is opened. @throws `query_invalid` */
export function conditionsOf(invocation: Invocation): Record<string, string[]> {
  const conditions = invocation.values["where"];
  // A map, since a key may be called `constructor` or `__proto__`.
  const metadata = new Map<string, string[]>();
  for (const condition of Array.isArray(conditions) ? conditions.map(String) : []) {
    const at = condition.indexOf("=");
    if (at < 1) {
      throw new IsthmusError("query_invalid", `--where is ${JSON.stringify(condition)}; write key=value.`, {
        field: "where",
      });
    }
    const key = condition.slice(0, at);
    metadata.set(key, [...(metadata.get(key) ?? []), condition.slice(at + 1)]);
  }
  return Object.fromEntries(metadata);
}
