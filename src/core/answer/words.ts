import { factsOf } from "./facts.ts";

/**
 * Whether a sentence keeps to the words of its quotes, as far as words can tell: names and whatever looks like an identifier or an address
 * must be there, and of the other words that say something at least half. The words of the question may be repeated, but they alone say nothing.
 *
 * @param quotes what stands in the documents.
 * @param question as it was asked.
 */
export function keepsToWords(sentence: string, quotes: readonly string[], question: string): boolean {
  const carried = new Set(quotes.flatMap(wordsOf));
  const known = new Set([...carried, ...wordsOf(question)]);
  const written = new Set([...quotes, question].flatMap(tokensOf));
  if (tokensOf(sentence).some((token) => odd.test(token) && !written.has(token))) return false;
  if (namesOf(sentence).some((name) => !within(name, known))) return false;
  const saying = wordsOf(sentence).filter((word) => !functionWords.has(word));
  // Numbers are held to the quotes by themselves, in whatever form they are written.
  const counts = (word: string): boolean => factsOf(word).numbers.length > 0;
  const kept = saying.filter((word) => counts(word) || within(word, known));
  return kept.some((word) => counts(word) || within(word, carried)) && kept.length >= saying.length / 2;
}

/** Made for the first sentence: it takes longer than all else here. */
let segmenter: Intl.Segmenter | undefined;

/** Words in lower case, of scripts that write no spaces too. */
function wordsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  return [...segmenter.segment(fold(text))].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** With a capital and not the first: who or what is spoken of. Languages that write other words so lose only by it. */
function namesOf(sentence: string): string[] {
  const later = sentence.normalize("NFKC").replace(/^\P{L}*\p{L}+/u, "");
  return (later.match(/(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{M}\p{N}]+/gu) ?? []).map(fold);
}

/** Addresses, paths, options, file names, identifiers, markup: all that is no plain word, whole. A model may not make one up. */
const odd = /[/\\@_<>{}=#$~^*|&+]|\p{L}[.:]\p{L}|--|\p{L}\p{N}|\p{N}\p{L}{3,}/u;

function tokensOf(text: string): string[] {
  return fold(text)
    .split(/[\s"“”„«»‘’`()[\],;!?]+/u)
    .map((token) => token.replace(/^['.:]+|['.:/]+$/gu, ""));
}

/** Letters of a common beginning that make two words forms of one. */
const commonLetters = 4;

function within(word: string, known: ReadonlySet<string>): boolean {
  if (known.has(word)) return true;
  if (word.length < commonLetters || /\p{N}/u.test(word)) return false;
  for (const other of known) {
    const least = Math.max(commonLetters, Math.ceil(0.7 * Math.max(word.length, other.length)));
    if (word.slice(0, least) === other.slice(0, least) && other.length >= least) return true;
  }
  return false;
}

/** English words that say nothing by themselves; those of other languages count, so a sentence there must keep closer to its quotes. */
const functionWords = new Set(
  (
    "a an and any are as at be because been before being but by can could did do does for from had has have he her here him his how i if in " +
    "into is it its just may me might more most must my no nor not of on once only or other our out over own shall she should so some such " +
    "than that the their them then there these they this those through to too under until up us very was we were what when where which " +
    "while who whom whose why will with would yes you your according also each both every per during after about between within"
  ).split(" "),
);
