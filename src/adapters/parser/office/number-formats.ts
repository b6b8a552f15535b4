// How numbers of lists are written, by the names of Word (ECMA-376 part 1, 17.18.59).

const romans: readonly (readonly [string, number])[] = [
  ["m", 1000],
  ["cm", 900],
  ["d", 500],
  ["cd", 400],
  ["c", 100],
  ["xc", 90],
  ["l", 50],
  ["xl", 40],
  ["x", 10],
  ["ix", 9],
  ["v", 5],
  ["iv", 4],
  ["i", 1],
];
const largestRoman = 3999;

function roman(number: number): string {
  let rest = number;
  let text = "";
  for (const [sign, worth] of romans) {
    while (rest >= worth) {
      text += sign;
      rest -= worth;
    }
  }
  return text;
}

/** a to z, aa to zz, aaa: as Word goes on. */
function letters(number: number, alphabet: readonly string[]): string {
  const times = Math.floor((number - 1) / alphabet.length) + 1;
  return (alphabet[(number - 1) % alphabet.length] as string).repeat(Math.min(times, 30));
}

const small = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
  "seventeen eighteen nineteen"
).split(" ");
const tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ordinals = new Map(
  Object.entries({ one: "first", two: "second", three: "third", five: "fifth", eight: "eighth", nine: "ninth" }),
);
ordinals.set("twelve", "twelfth");

function inWords(number: number): string {
  if (number < 20) return small[number] as string;
  if (number < 100) return (tens[Math.floor(number / 10)] as string) + (number % 10 ? `-${small[number % 10]}` : "");
  const [worth, name] = number < 1000 ? [100, "hundred"] : [1000, "thousand"];
  const rest = number % worth;
  return `${inWords(Math.floor(number / worth))} ${name}${rest ? ` ${inWords(rest)}` : ""}`;
}

function asOrdinal(words: string): string {
  return words.replace(/[a-z]+$/, (last) => ordinals.get(last) ?? `${last.replace(/y$/, "ie")}th`);
}

function ending(number: number): string {
  const last = number % 100 >= 11 && number % 100 <= 13 ? 0 : number % 10;
  return ["th", "st", "nd", "rd"][last] ?? "th";
}

/** Numbers below ten thousand as Chinese and Japanese count them: 二十三. */
function counted(number: number, digits: string): string {
  let text = "";
  for (const [place, unit] of [...["千", "百", "十", ""].entries()]) {
    const digit = Math.floor(number / 10 ** (3 - place)) % 10;
    const isBare = digit === 1 && unit !== "" && (unit !== "十" ? false : number < 20);
    if (digit > 0) text += (isBare ? "" : (digits[digit] as string)) + unit;
    else if (text !== "" && !text.endsWith("零") && number % 10 ** (3 - place) > 0 && digits[0] === "零") text += "零";
  }
  return text;
}

const han = "〇一二三四五六七八九";
const russian = [..."абвгдежзиклмнопрстуфхцчшщыэюя"];
const alphabets: Readonly<Record<string, readonly string[]>> = {
  lowerLetter: [..."abcdefghijklmnopqrstuvwxyz"],
  upperLetter: [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  russianLower: russian,
  russianUpper: russian.map((letter) => letter.toUpperCase()),
  ganada: [..."가나다라마바사아자차카타파하"],
  chosung: [..."ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"],
  aiueoFullWidth: [..."アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"],
  irohaFullWidth: [
    ..."イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
  ],
  ideographTraditional: [..."甲乙丙丁戊己庚辛壬癸"],
  ideographZodiac: [..."子丑寅卯辰巳午未申酉戌亥"],
  arabicAlpha: [..."أبتثجحخدذرزسشصضطظعغفقكلمنهوي"],
  hebrew2: [..."אבגדהוזחטיכלמנסעפצקרשת"],
  thaiLetters: [..."กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"],
  chicago: ["*", "†", "‡", "§"],
};
// What Word calls by two names.
const sameAs: Readonly<Record<string, string>> = { aiueo: "aiueoFullWidth", iroha: "irohaFullWidth" };

const digits: Readonly<Record<string, string>> = {
  decimalFullWidth: "０１２３４５６７８９",
  decimalFullWidth2: "０１２３４５６７８９",
  ideographDigital: han,
  japaneseDigitalTenThousand: han,
  taiwaneseDigital: "○一二三四五六七八九",
  koreanDigital: "영일이삼사오육칠팔구",
  koreanDigital2: "零一二三四五六七八九",
  hindiNumbers: "०१२३४५६७८९",
  thaiNumbers: "๐๑๒๓๔๕๖๗๘๙",
};

const hebrewLetters: readonly (readonly [number, string])[] = [
  ...[..."תשרק"].map((letter, index): [number, string] => [400 - 100 * index, letter]),
  ...[..."צפעסנמלכי"].map((letter, index): [number, string] => [90 - 10 * index, letter]),
  ...[..."טחזוהדגבא"].map((letter, index): [number, string] => [9 - index, letter]),
];

/** Letters as numbers; 15 and 16 are written 9+6 and 9+7, so that they do not spell the name of God. */
function hebrew(number: number): string {
  let rest = number;
  let text = "";
  for (const [worth, letter] of hebrewLetters) {
    while (rest >= worth && rest !== 15 && rest !== 16) {
      text += letter;
      rest -= worth;
    }
    if (rest === 15 || rest === 16) return `${text}ט${rest === 15 ? "ו" : "ז"}`;
  }
  return text;
}

/** The sign of a number of a row that Unicode has for the first numbers alone: ① to ⑳. */
const enclosed = (first: number, number: number): string =>
  number <= 20 ? String.fromCodePoint(first + number - 1) : String(number);

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const forms: Readonly<Record<string, (number: number) => string>> = {
  lowerRoman: (number) => (number <= largestRoman ? roman(number) : String(number)),
  upperRoman: (number) => (number <= largestRoman ? roman(number).toUpperCase() : String(number)),
  ordinal: (number) => `${number}${ending(number)}`,
  cardinalText: (number) => upperFirst(inWords(number)),
  ordinalText: (number) => upperFirst(asOrdinal(inWords(number))),
  hex: (number) => number.toString(16).toUpperCase(),
  numberInDash: (number) => `- ${number} -`,
  decimalEnclosedCircle: (number) => enclosed(0x2460, number),
  decimalEnclosedCircleChinese: (number) => enclosed(0x2460, number),
  decimalEnclosedParen: (number) => enclosed(0x2474, number),
  decimalEnclosedFullstop: (number) => enclosed(0x2488, number),
  chineseCounting: (number) => counted(number, han),
  taiwaneseCounting: (number) => counted(number, han),
  chineseCountingThousand: (number) => counted(number, "零一二三四五六七八九"),
  taiwaneseCountingThousand: (number) => counted(number, "零一二三四五六七八九"),
  japaneseCounting: (number) => counted(number, han),
  hebrew1: hebrew,
};

// Beyond it Word itself has no words.
const largestInWords = 9_999;

/**
 * @param format the name of a format, or for a custom one the row that it begins with (`001, 002, 003, ...`).
 * @returns a format that is not known counts in decimals.
 */
export function shownNumber(number: number, format: string): string {
  if (format === "none") return "";
  const [, zeros] = /^(0+)1,/.exec(format) ?? [];
  if (zeros !== undefined) return String(number).padStart(zeros.length + 1, "0");
  if (format === "decimalZero") return String(number).padStart(2, "0");
  if (number < 1) return String(number);
  const alphabet = alphabets[sameAs[format] ?? format];
  if (alphabet) return letters(number, alphabet);
  const own = digits[format];
  if (own) return String(number).replace(/\d/g, (digit) => [...own][Number(digit)] as string);
  return number <= largestInWords ? (forms[format]?.(number) ?? String(number)) : String(number);
}
