import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MAX_TERMS } from "../../core/filter.ts";
import { createAnalyzer, type Detector } from "./analyzer.ts";
import { detectLanguage } from "./detect.ts";
import { createEnglishAnalyzer } from "./english.ts";
import { functionWords } from "./function-words.ts";
import { languageMark } from "./language-mark.ts";

const english = "The wings of the aeroplane were vibrating while it was in the tunnel";
const analyzer = createAnalyzer(async () => ({ detectLanguage, functionWords }));
const termsOf = async (text: string): Promise<Set<string>> => new Set(await analyzer.documentTerms?.(text));

async function meets(question: string, document: string): Promise<boolean> {
  const found = await termsOf(document);
  return (await analyzer.terms(question)).some((term) => found.has(term));
}

/** By language: a sentence, and a word of it in another form. */
const inflected: Readonly<Record<string, readonly [string, string]>> = {
  cs: ["Nejvyšší hory leží na severu a vlaky tam jezdí každých třicet minut", "hora"],
  fa: ["در تابستان بیمارستان‌ها شبانه‌روزی باز هستند و معلم‌ها درس می‌دهند", "بیمارستان"],
  he: ["בבית החולים עובדים הרופאים יום ולילה והספרים שלהם בספרייה", "רופא"],
  pl: ["W szpitalach dyżurują całą dobę, a ceny tych książek są niskie", "książka"],
  uk: ["У лікарнях чергують цілодобово, а поїзди відправляються щогодини", "лікарня"],
  ar: ["يدرس الطلاب في المكتبة كل يوم بعد الظهر", "مكتبة"],
  da: ["Bilerne holdt stille på vejen, fordi det havde sneet hele natten og ikke var ryddet", "vej"],
  de: ["Im Sommer verkauft sich Eiskaffee in den Krankenhäusern am besten", "Krankenhaus"],
  el: ["Οι γάτες κοιμούνται στους δρόμους της πόλης το μεσημέρι", "γατα"],
  es: ["Los hospitales de la ciudad no tienen bastantes camas para los enfermos de este invierno", "hospital"],
  fi: ["Lapset leikkivät talossa, joka on ollut tyhjänä jo monta vuotta", "talo"],
  fr: ["Les chevaux de l'écurie ont mangé de l'herbe et puis ils se sont endormis dans la prairie", "herbe"],
  ga: ["Bhí na daoine ag caint le chéile faoin aimsir agus faoi na leabhair a bhí acu sa bhaile", "baile"],
  hi: ["बच्चे बगीचे में किताबें पढ़ते हैं और खेलते हैं", "किताब"],
  hu: ["A gyerekek a házakban játszottak, mert kint esett az eső, és nem volt kedvük sétálni", "ház"],
  hy: ["Երեխաները խաղում են քաղաքների փողոցներում ամեն օր", "քաղաք"],
  id: ["Mereka sedang membaca bukunya di rumah dan tidak mau pulang ke kota", "buku"],
  it: ["I gatti dormono sull'erba del giardino e non hanno nessuna voglia di tornare nella casa", "gatto"],
  lt: ["Vaikai žaidžia namuose, nes lauke labai šalta ir jau kelias dienas sninga", "namas"],
  nl: ["De fietsen stonden in de straten van de stad en niemand wist van wie ze waren", "straat"],
  no: ["Bilene sto stille på veien fordi det hadde snødd hele natten og ingen hadde ryddet", "bil"],
  pt: ["Os hospitais da cidade não têm camas que cheguem para os doentes deste inverno", "doente"],
  ro: ["Copiii se joacă în grădinile orașului și nu vor să se întoarcă acasă până seara", "grădină"],
  ru: ["В больницах города не хватает коек для больных этой зимой", "больница"],
  sv: ["Bilarna stod stilla på vägen eftersom det hade snöat hela natten och ingen hade plogat", "väg"],
  ta: ["குழந்தைகள் பூங்காவில் புத்தகங்களை படிக்கிறார்கள்", "புத்தகங்கள்"],
  tr: ["Çocuklar evlerde oynuyor çünkü dışarıda çok kar var ve hava da çok soğuk", "çocuk"],
};

suite("a document and a question meet", () => {
  for (const [language, [document, question]] of Object.entries(inflected)) {
    test(`${language}: in a stem, and the document is marked with its language`, async () => {
      assert.equal(await detectLanguage(document), language);
      assert.ok(await meets(question, document), `${question}: ${(await analyzer.terms(question)).join(" ")}`);
      assert.ok((await termsOf(document)).has(languageMark(language)));
      assert.equal(await meets(question, english), false);
    });
  }

  test("in a part of a compound, at an elided article, and where letters are typed without their signs", async () => {
    const german = inflected["de"]?.[0] ?? "";
    assert.ok(await meets("Kaffee", german));
    assert.ok(await meets("L'erba", inflected["it"]?.[0] ?? ""));
    for (const [question, document] of [
      ["Strasse", "Die Straße ist gesperrt"],
      ["smorrebrod", "Det er smørrebrød til frokost"],
      ["Lodz", "Łódź leży w Polsce"],
      ["istanbul", "Bu yaz İstanbul'da ve Ankara'da hava çok sıcak olacak"],
      ["moře", "Při západu slunce je moře nejkrásnější"],
      ["thé", "Le thé vert"],
      ["2024", "تقرير ٢٠٢٤ عن المدينة"],
      ["🎉", "Heute feiern wir den Abschluss🎉 mit allen"],
    ] as const) {
      assert.ok(await meets(question, document), question);
    }
  });

  test("whatever marks, joiners and forms of letters Arabic, Persian and Hebrew are written with", async () => {
    for (const [question, document] of [
      ["كتاب", "قرأتُ الكِتَابَ في البيت"],
      ["محمد", "مُحَمَّد يكتب"],
      ["مـــدرسة", "هذه مدرسة كبيرة"],
      ["احمد", "أحمد وإبراهيم"],
      ["میخواهم", "من می\u200cخواهم بروم"],
      ["باران", "هر سال باران\u200cهای شدید می\u200cبارد"],
      ["كتاب", "این کتاب خوب است"],
      ["שלום", "שָׁלוֹם עֲלֵיכֶם"],
      ["בְּרֵאשִׁית", "בראשית ברא"],
      ["क्ष", "क्\u200dष"],
    ] as const) {
      assert.ok(await meets(question, document), `${question} in ${document}`);
    }
  });
});

suite("English", () => {
  const base = createEnglishAnalyzer();

  test("a text beyond doubt has the terms of English alone, and never loads what tells languages apart", async () => {
    const untold = createAnalyzer(() => Promise.reject(new Error("loaded")));
    assert.deepEqual(await untold.documentTerms?.(english), await base.terms(english));
    assert.deepEqual(
      await untold.terms("how does the tunnel vibrate?"),
      await base.terms("how does the tunnel vibrate?"),
    );
  });

  test("a list of names, a table and a formula are in no language, and are told as English", async () => {
    for (const text of [
      "Politics: Ban Ki-moon; John Hancock, John Adams, John Quincy Adams, Rutherford B. Hayes, Theodore Roosevelt",
      "Giovanni Rossi, Marco Bianchi, Luca Ferrari, Paolo Conti: engine, gearbox, tyres",
      "Angela Merkel, Helmut Kohl, Willy Brandt, Konrad Adenauer: chancellors",
      "structural loads surveys on two tilt-wing vtol configurations . first loads program data",
      "speed m/s 12 14 19\npressure kPa 101 99 98\ntemperature K 288 290 291",
      'locals { in_region = { StringEquals = { "aws:RequestedRegion" = var.region } } }',
      'validation { condition = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.gcp_project)) }',
      "| set | vector | keyword |\n|---|---|---|\n| a | .377 | .363 |",
      "const total = items.reduce((sum, item) => sum + item.price, 0); // EUR",
    ]) {
      assert.deepEqual(await analyzer.documentTerms?.(text), await createAnalyzer().documentTerms?.(text), text);
    }
  });

  test("a question in it does not prefer a document in another language that has the same name", async () => {
    const asked = await analyzer.terms("how does Weaviate replicate what it holds?");
    const german = await termsOf(
      "Weaviate ist eine Datenbank, und sie wird auf drei Knoten verteilt, damit nichts verloren geht",
    );
    assert.deepEqual(
      asked.filter((term) => german.has(term)),
      ["weaviat"],
    );
  });
});

test("a long question in any language keeps its own words and asks for no more than a store takes", async () => {
  const words = Array.from(
    { length: 120 },
    (_, at) => `wort${String.fromCharCode(97 + (at % 26), 97 + Math.floor(at / 26))}`,
  );
  const terms = await analyzer.terms(words.join(" "));
  assert.ok(new Set(terms).size <= MAX_TERMS, `${new Set(terms).size}`);
  for (const own of await createEnglishAnalyzer().terms(words.join(" "))) assert.ok(terms.includes(own), own);
  // More words than that are told by the store, as a question of too many words.
  const many = Array.from({ length: 300 }, (_, at) => `w${at}`).join(" ");
  assert.equal(new Set(await analyzer.terms(many)).size, 300);
});

test("what cannot be told has no mark, whatever a detector says of a language that nobody asks in", async () => {
  const odd: Detector = { detectLanguage: async () => "xx", functionWords };
  const other = createAnalyzer(async () => odd);
  assert.deepEqual(await other.documentTerms?.("wort"), await createEnglishAnalyzer().terms("wort"));
});

test("a question of many words stays within the bound of terms, and keeps all words of its own", async () => {
  const question = Array.from(
    { length: 100 },
    (_, at) => `frage${String.fromCodePoint(97 + (at % 26))}${"xyz"[at % 3]}wort`,
  );
  const terms = new Set(await createAnalyzer().terms(question.join(" ")));
  assert.equal(terms.size, MAX_TERMS);
  const own = await createEnglishAnalyzer().terms(question.join(" "));
  assert.deepEqual(
    own.filter((term) => !terms.has(term)),
    [],
  );
});
