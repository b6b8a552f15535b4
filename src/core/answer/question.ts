/** What kind of thing a question asks for, as far as its words tell. */
export type Wanted = "number" | "date" | "name" | "place" | "reason" | "other";

const KINDS: readonly (readonly [Wanted, RegExp])[] = [
  [
    "number",
    /\bhow (?:many|much|long|old|far|tall|high|big|large|often|fast|deep|wide|heavy|few)\b|\bwhat (?:percent|percentage|number|amount|portion|fraction|proportion|size|score|population|age|distance|length|speed|temperature|port|limit|version)|\bper ?cent|\bwie (?:viele?|lange|oft|hoch|groß)\b|\bcombien\b|\bcuánt[oa]s?\b/u,
  ],
  [
    "date",
    /^\W*(?:\w+ )?when\b|\bwhen (?:did|was|were|is|are|do|does|will|has|had|can|should)\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|decade|century|time|era|period)\b|\b(?:year|date|century)\b.*\?|\bwann\b|\bquand\b|\bcuándo\b/u,
  ],
  [
    "name",
    /\bwho\b|\bwhom\b|\bwhose\b|\b(?:what|which) (?:person|man|woman|player|president|king|emperor|author|scientist|actor|actress|artist|general|leader|company|team|organization)|\bwhat is the name|\bnamed?\b|\bwer\b|\bqui\b|\bquién\b/u,
  ],
  [
    "place",
    /\bwhere\b|\b(?:what|which) (?:country|city|state|place|region|town|street|river|location|continent|area|building|island|stadium|county|district|province|university|school)|\bwo\b|\bdónde\b/u,
  ],
  ["reason", /\bwhy\b|\bwhat causes?d?\b|\breason\b|\bwarum\b|\bpourquoi\b/u],
];

export function wantedBy(question: string): Wanted {
  const plain = question.toLowerCase();
  return KINDS.find(([, pattern]) => pattern.test(plain))?.[0] ?? "other";
}

const NUMBERS =
  /(?<!\w)\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|third|quarter|hundred|thousand|million|billion|dozen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|fourteen|fifteen|sixteen|once|twice|double|single)\b/gi;
const DATES =
  /\b1\d{3}s?\b|\b20\d\ds?\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b|\b\d{1,2}(?:st|nd|rd|th)[ -]century\b|\b(?:century|centuries|decade)\b|\b\d{3} (?:BC|AD)\b/g;
const REASONS = /\b(?:because|due to|since|caused?|reason|therefore|so that|in order|result|weil|parce que|porque)\b/i;

export function numbersIn(text: string): Set<string> {
  return new Set((text.match(NUMBERS) ?? []).map((number) => number.toLowerCase().replace(/[.,]+$/, "")));
}

/** Words with a capital that is not the sentence's first, in lower case: names, mostly. */
export function namesIn(text: string): Set<string> {
  const later = text.replace(/^\P{L}*\p{Lu}/u, (first) => first.toLowerCase());
  return new Set((later.match(/\p{Lu}[\p{L}\p{N}]*/gu) ?? []).map((name) => name.toLowerCase()));
}

/** What begins with a letter and has a digit: part numbers, error codes, names of machines. "mid-1960s" is a time. */
export function identifiersIn(text: string): Set<string> {
  const found = text.match(/(?<![\p{L}\p{N}])\p{L}[\p{L}\p{N}]*(?:[-_.:/][\p{L}\p{N}]+)*/gu) ?? [];
  return new Set(found.filter((word) => /\p{N}/u.test(word) && !/^\p{Ll}+-\d{4}s?$/u.test(word)));
}

/** Whether a text has an identifier, however its parts are joined: "KX-99" is "kx 99" and "KX99", and none of "KX-9" or "AKX-99". */
export function hasIdentifier(text: string, identifier: string): boolean {
  const parts = identifier.match(/\p{L}+|\p{N}+/gu) ?? [];
  return new RegExp(`(?<![\\p{L}\\p{N}])${parts.join("[-_.:/\\s]*")}(?![\\p{L}\\p{N}])`, "iu").test(text);
}

/**
 * Whether a sentence asks instead of answering: a question itself, or one that only repeats what was asked (an example, a heading). A few words
 * that ask nothing ("gannet colony") are what people type to find what is said of them, so a sentence that says more than those answers.
 */
export function asksBack(sentence: string, question: string): boolean {
  if (/\?["'”’)\]}]*\s*$/u.test(sentence)) return true;
  const asked = wordsOf(question);
  const said = wordsOf(sentence);
  if (!asked.includes(" ") || !` ${said} `.includes(` ${asked} `)) return false;
  const count = asked.split(" ").length;
  return count > fragmentWords || ASKING.test(question) || said.split(" ").length < count + wordsMore;
}

/** More than these are a question, whatever its form. */
const fragmentWords = 4;
/** Words that a sentence has more than a fragment at least, to say something of it. */
const wordsMore = 2;
const ASKING =
  /[?？؟]|^\W*(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|should|will|would|may|must|has|have|wer|was|wann|wo|warum|wie|qui|que|quand|où|pourquoi|comment|combien|qué|quién|cuándo|dónde|cómo)(?![\p{L}\p{N}])/iu;

/** Without articles: an example asks for the key where a person asks for a key. */
function wordsOf(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !/^(?:an?|the)$/.test(word)).join(" ");
}

/** Whether a sentence holds a thing of the wanted kind that the question does not name itself: yes, no, or nobody can tell. */
export function offers(wanted: Wanted, sentence: string, question: string): boolean | undefined {
  const asked = question.toLowerCase();
  switch (wanted) {
    case "number": {
      const known = numbersIn(question);
      return [...numbersIn(sentence)].some((number) => !known.has(number));
    }
    case "date":
      return (sentence.match(DATES) ?? []).some((date) => !asked.includes(date.toLowerCase()));
    case "name":
    case "place":
      return [...namesIn(sentence)].some((name) => !asked.includes(name));
    case "reason":
      return REASONS.test(sentence);
    case "other":
      return undefined;
  }
}
