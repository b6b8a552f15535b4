/** What a sentence claims that a look can check. */
export interface Facts {
  /** Numbers in a common form: without thousands separators, number words as digits, months as `m1` to `m12`. */
  readonly numbers: readonly string[];
  /** A number with its unit: `30 d`, `5 %`. */
  readonly measures: readonly string[];
  readonly negated: boolean;
}

const NUMBER_WORDS = new Map(
  (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen " +
    "nineteen twenty"
  )
    .split(" ")
    .map((word, at) => [word, String(at)]),
);
for (const [word, value] of [
  ["thirty", "30"],
  ["forty", "40"],
  ["fifty", "50"],
  ["sixty", "60"],
  ["seventy", "70"],
  ["eighty", "80"],
  ["ninety", "90"],
  ["hundred", "100"],
  ["thousand", "1000"],
  ["million", "1000000"],
  ["billion", "1000000000"],
  ["twice", "2"],
  ["once", "1"],
] as const) {
  NUMBER_WORDS.set(word, value);
}

const MONTHS = "january february march april may june july august september october november december".split(" ");

/** Ways of writing one unit, each list led by its common form. */
const UNITS = [
  "% percent pct",
  "ms millisecond milliseconds msec",
  "s second seconds sec secs",
  "min minute minutes mins",
  "h hour hours hr hrs",
  "d day days",
  "wk week weeks",
  "mo month months",
  "yr year years",
  "b byte bytes",
  "kb kilobyte kilobytes",
  "mb megabyte megabytes",
  "gb gigabyte gigabytes",
  "tb terabyte terabytes",
  "kib",
  "mib",
  "gib",
  "tib",
  "mm millimetre millimetres millimeter millimeters",
  "cm centimetre centimetres centimeter centimeters",
  "m metre metres meter meters",
  "km kilometre kilometres kilometer kilometers",
  "mi mile miles",
  "ft foot feet",
  "in inch inches",
  "g gram grams",
  "kg kilogram kilograms kilo kilos",
  "t tonne tonnes ton tons",
  "lb pound pounds lbs",
  "°c celsius",
  "°f fahrenheit",
  "k kelvin",
  "$ dollar dollars usd",
  "€ euro euros eur",
  "£ gbp",
  "w watt watts",
  "kw kilowatt kilowatts",
  "mw megawatt megawatts",
  "v volt volts",
  "hz hertz",
  "khz kilohertz",
  "mhz megahertz",
  "ghz gigahertz",
  "token tokens",
];
const UNIT_FORMS = new Map(
  UNITS.flatMap((line) => {
    const [common = "", ...others] = line.split(" ");
    return [common, ...others].map((form) => [form, common] as const);
  }),
);

const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|[a-z]+n['’]t|except|unless|hardly|unable|nicht|kein\w*|nie|niemals|ohne|ne|pas|jamais|sans|aucune?|nunca|sin|ning[uú]n\w*|non|mai|senza|nessun\w*)\b/iu;
const NUMBER = /[-−]?\p{N}+(?:[.,’'\u00a0\u202f]\p{N}+)*/gu;

/** The facts of a text. Words are English where it takes words to tell; negations are known in a few more languages. */
export function factsOf(text: string): Facts {
  const plain = text.normalize("NFKC");
  const numbers: string[] = [];
  const measures: string[] = [];
  for (const { 0: written, index } of plain.matchAll(NUMBER)) {
    const attached = index > 0 && /[\p{L}\p{N}]/u.test(plain.charAt(index - 1));
    const value = commonForm(attached ? written.replace(/^[-−]/u, "") : written);
    numbers.push(value);
    const before = /([$€£])\s?$/u.exec(plain.slice(Math.max(0, index - 2), index))?.[1];
    const after = /^[\s-]?([%$€£]|°\s?[CF]\b|\p{L}+)/u.exec(plain.slice(index + written.length))?.[1];
    const unit = before ?? UNIT_FORMS.get((after ?? "").replace(/\s/gu, "").toLowerCase());
    if (unit !== undefined) measures.push(`${value} ${unit}`);
  }
  const words = plain.toLowerCase().match(/\p{L}+/gu) ?? [];
  for (const [at, word] of words.entries()) {
    const value = NUMBER_WORDS.get(word);
    if (value !== undefined) {
      // "one" is a pronoun more often than a number; it counts before a unit only.
      const unit = UNIT_FORMS.get(words[at + 1] ?? "");
      if (word !== "one" && word !== "once" && word !== "twice") numbers.push(value);
      if (unit !== undefined) measures.push(`${value} ${unit}`);
    }
    const month = monthOf(word, plain);
    if (month !== undefined) numbers.push(month);
  }
  return { numbers, measures, negated: NEGATION.test(plain) };
}

/** @returns what a sentence claims and its quotes do not carry, by kind; empty where they carry all. */
export function missingFrom(quotes: readonly string[], sentence: string): readonly (keyof Facts)[] {
  const claimed = factsOf(sentence);
  const carried = quotes.map(factsOf);
  const numbers = new Set(carried.flatMap((facts) => facts.numbers));
  const measures = new Set(carried.flatMap((facts) => facts.measures));
  const missing: (keyof Facts)[] = [];
  if (claimed.numbers.some((number) => !numbers.has(number))) missing.push("numbers");
  if (claimed.measures.some((measure) => !measures.has(measure))) missing.push("measures");
  // Both ways: "is not encrypted" carries no "is encrypted" either.
  if (claimed.negated !== carried.some((facts) => facts.negated)) missing.push("negated");
  return missing;
}

function monthOf(word: string, text: string): string | undefined {
  const at = MONTHS.findIndex((month) => month === word || (word.length === 3 && month.startsWith(word)));
  if (at < 0) return undefined;
  // "may" and "march" are verbs, unless they stand with a capital beside a number.
  const capital = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const dated = new RegExp(`(\\p{N}(st|nd|rd|th)?\\.?\\s+(of\\s+)?${capital}|${capital}\\.?,?\\s+\\p{N})`, "u");
  return dated.test(text) ? `m${at + 1}` : undefined;
}

/** Without thousands separators and trailing zeros: 1,200 and 1200, 1.50 and 1.5 are the same. */
function commonForm(written: string): string {
  const grouped = /^[-−]?\p{N}{1,3}(?:[,’'\u00a0\u202f]\p{N}{3})+(?:\.\p{N}+)?$/u.test(written);
  const plain = (grouped ? written.replace(/[,’'\u00a0\u202f]/gu, "") : written.replace(",", ".")).replace("−", "-");
  const value = Number(plain);
  return Number.isFinite(value) ? String(value) : plain;
}
