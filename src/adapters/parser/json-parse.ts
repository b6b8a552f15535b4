// Numbers that a double may not hold: ids of messages, tweets and accounts.
const longNumber = /[:[,\s]-?\d{16,}/;

/** An integer beyond 2^53 as the text that stands in the file: rounded it would name another record. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
    ? source
    : value;
}

function parseExactly(json: string): unknown {
  // A reviver takes several times as long.
  return longNumber.test(json) ? JSON.parse(json, exactInteger) : JSON.parse(json);
}

/**
 * Parses JSON. Integers beyond 2^53 are strings of their digits; NaN and Infinity, which some programs write, are null.
 *
 * @throws SyntaxError, whose message may quote the text.
 */
export function parseJson(json: string): unknown {
  try {
    return parseExactly(json);
  } catch (error) {
    const mended = json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g, (match) =>
      match.startsWith('"') ? match : "null",
    );
    if (mended === json) throw error;
    return parseExactly(mended);
  }
}
