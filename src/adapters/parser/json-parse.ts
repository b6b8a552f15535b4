// Numbers that a double may not hold (ids of messages, tweets and accounts), and those that it would write otherwise.
const inexact = /[:[,\s]-?\d{16,}|\.\d*[1-9]0+(?![\d.eE])/;
// Few records have any digits that could be one of these.
const perhapsInexact = /\d{16}|[1-9]0(?!\d)/;
const integer = /^-?\d+$/;
const paddedDecimal = /^-?\d+\.\d*[1-9]0+$/;

/**
 * A number as the text that stands in the file where the number alone says less: an integer beyond 2^53, which rounded would
 * name another record, and `1.10`, which is another version than `1.1`. Lists of measurements stay numbers.
 */
function asWritten(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  if (integer.test(source)) return Number.isSafeInteger(value) ? value : source;
  return paddedDecimal.test(source) && !Array.isArray(this) ? source : value;
}

// Tabs and line ends in strings, which programs of their own make write as they are.
const rawControls = /[\t\n\r\f\v\b]/g;
const escaped = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;

function parseExactly(json: string): unknown {
  // A reviver takes several times as long.
  return perhapsInexact.test(json) && inexact.test(json) ? JSON.parse(json, asWritten) : JSON.parse(json);
}

/**
 * Parses JSON. Integers beyond 2^53, and decimals that end in 0 (`1.10`), are strings of their digits; NaN and Infinity, which some programs write, are null;
 * tabs and line ends in strings are what they are.
 *
 * @throws SyntaxError, whose message may quote the text.
 */
export function parseJson(json: string): unknown {
  try {
    return parseExactly(json);
  } catch (error) {
    const mended = json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g, (match) =>
      match.startsWith('"') ? match.replace(rawControls, escaped) : "null",
    );
    if (mended === json) throw error;
    return parseExactly(mended);
  }
}
