/** What a key of that name goes by while it is checked. */
const standIn = "\u0000__proto__";
const name = "__proto__";

/**
 * A metadata key may be called `__proto__`, and the schemas' library leaves it out of what it gives: a filter by it would let
 * everything through. So it is checked under another name, and gets its own back afterwards.
 */
export function withoutPrototypeKeys(request: unknown): unknown {
  return renamed(request, name, standIn);
}

export function withPrototypeKeys<Request>(request: Request): Request {
  return renamed(request, standIn, name) as Request;
}

/** With the key renamed in `filter.metadata` and `filter.range`. */
function renamed(request: unknown, from: string, to: string): unknown {
  if (!isObject(request) || !isObject(request["filter"])) return request;
  const filter = { ...request["filter"] };
  for (const part of ["metadata", "range"]) {
    const record = filter[part];
    if (!isObject(record) || !Object.hasOwn(record, from)) continue;
    filter[part] = Object.fromEntries(Object.entries(record).map(([key, value]) => [key === from ? to : key, value]));
  }
  return { ...request, filter };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
