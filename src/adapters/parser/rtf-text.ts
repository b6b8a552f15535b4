import type { Block } from "./office/blocks.ts";
import { isPictureFont, pictured } from "./picture-fonts.ts";
import { RtfBytes } from "./rtf-bytes.ts";
import { type Collected, type RtfGroup, RtfGroups } from "./rtf-groups.ts";
import { RtfStory } from "./rtf-story.ts";
import { scanRtf } from "./rtf-tokens.ts";
import { characterWords, levelOfName, mathGroup, pageOfCharset, silentGroups, spokenGroups } from "./rtf-words.ts";

export interface RtfText {
  /** Of what the file says of itself: `title`, `author`, `subject`, `keywords`. */
  readonly info: ReadonlyMap<string, Collected>;
  readonly headers: readonly Block[];
  readonly body: readonly Block[];
  readonly footers: readonly Block[];
  /** The source ends before its last group does. */
  readonly isCut: boolean;
}

const infoGroups = new Set(["title", "author", "subject", "keywords"]);
const margin = /^(header|footer)[lrf]?$/;
const symbolCharset = 2;
const western = 1252;
const firstPrivate = 0xe000;
const lastPrivate = 0xf8ff;
const checkbox = 1;
const dropdown = 2;
/** What a form says where nobody chose. */
const notChosen = 25;

/** The level of a heading: Word writes 0 to 8, and 9 for body text. */
const levelOf = (outline: number | undefined): number | undefined =>
  outline !== undefined && outline >= 0 && outline < 9 ? outline + 1 : undefined;

/** @param source one character for each byte (Latin-1). @param isUtf8 see `RtfBytes`. @param name how messages call it. */
export function readRtfText(source: string, start: number, isUtf8: boolean, name: string): RtfText {
  const bytes = new RtfBytes(isUtf8);
  const body = new RtfStory();
  const groups = new RtfGroups(
    {
      story: body,
      target: "story",
      isDeaf: false,
      isFirstForm: false,
      isHidden: false,
      fallbacks: 1,
      font: 0,
      table: "",
      style: 0,
      form: undefined,
      property: undefined,
    },
    name,
  );
  const info = new Map<string, Collected>();
  const margins = { header: new Map<string, Block>(), footer: new Map<string, Block>() };
  const fontNames = new Map<number, string>();
  const pages = new Map<number, number>();
  const styleNames = new Map<number, string>();
  const levels = new Map<number, number>();
  let notes = 0;
  const westernFonts = new Set<number>();
  let filePage: number = western;
  let defaultFont = 0;
  let commenter: Collected = { text: "" };
  let isIgnorable = false;
  let isFresh = false;

  const pictureFont = ({ font }: RtfGroup): string | undefined => {
    const called = fontNames.get(font)?.split(";")[0]?.trim() ?? "";
    return isPictureFont(called) ? called : undefined;
  };

  function say(text: string): void {
    const { target, isDeaf, isFirstForm, isHidden, story, table, style, font } = groups.current;
    if (isDeaf || isFirstForm || text === "") return;
    if (table === "fonts") fontNames.set(font, (fontNames.get(font) ?? "") + text);
    else if (table === "styles") styleNames.set(style, (styleNames.get(style) ?? "") + text);
    else if (typeof target === "object") target.text += text;
    else if (target === "story" && !isHidden) story.say(text);
  }

  /** Says what was held, in the font as it is now. */
  function flush(): void {
    const { font, table, isDeaf } = groups.current;
    // A font of Western letters in a file of Eastern ones: programs write both in it.
    const page = pages.get(font) ?? filePage;
    const text = bytes.take(page, westernFonts.has(font) ? western : page);
    if (text === "" || isDeaf) return;
    const pictures = table === "" ? pictureFont(groups.current) : undefined;
    say(pictures ? [...text].map((sign) => pictured(pictures, sign.codePointAt(0) ?? 0) || sign).join("") : text);
  }

  function unicode(number: number): void {
    const code = (number < 0 ? number + 0x10000 : number) & 0xffff;
    if (!bytes.skips()) {
      const isPrivate = code >= firstPrivate && code <= lastPrivate;
      // Private code points mean nothing outside their font.
      if (isPrivate) say(pictured(pictureFont(groups.current) ?? "", code));
      else say(String.fromCharCode(code));
    }
    bytes.skip(groups.current.fallbacks);
  }

  const collect = (): Collected => {
    const collected = { text: "" };
    groups.current.target = collected;
    return collected;
  };

  /** A story of its own, inside the one that refers to it. */
  function apart(end: (blocks: Block[], outer: RtfStory) => void): void {
    const story = new RtfStory();
    const { current } = groups;
    const outer = current.story;
    Object.assign(current, { story, target: "story", isHidden: false });
    groups.whenClosed(() => end(story.finish(), outer));
  }

  const joined = (blocks: readonly Block[]): string => blocks.map(({ text }) => text.trim()).join("\n");

  /** What a word at the beginning of a group makes of it. @returns whether it is such a word. */
  function begins(word: string, ignorable: boolean): boolean {
    const { current } = groups;
    if (current.isFirstForm && word !== "ud") {
      if (silentGroups.has(word) || infoGroups.has(word)) current.isDeaf = true;
      return current.isDeaf;
    }
    const side = margin.exec(word)?.[1] as keyof typeof margins | undefined;
    if (side) {
      apart((blocks) => {
        for (const { text } of blocks) margins[side].set(text.trim(), { text });
      });
    } else if (word === "fonttbl") current.table = "fonts";
    else if (word === "stylesheet") {
      current.table = "styles";
      current.style = 0;
      groups.whenClosed(() => {
        for (const [style, called] of styleNames) {
          const level = levels.get(style) ?? levelOfName(called.replace(/;.*$/s, "").trim());
          if (level !== undefined) levels.set(style, level);
        }
      });
    } else if (word === "info") Object.assign(current, { table: "info", target: "nowhere" });
    else if (current.table === "info" && infoGroups.has(word)) info.set(word, collect());
    else if (word === "footnote") note();
    else if (word === "atnauthor") commenter = collect();
    else if (word === "annotation") {
      const author = commenter;
      commenter = { text: "" };
      apart((blocks, outer) => {
        const by = author.text.trim();
        outer.note([{ text: `[Comment${by && ` by ${by}`}: ${joined(blocks)}]` }]);
      });
    } else if (word === "shptxt" || word === "dptxbxtext") apart((blocks, outer) => outer.note(blocks));
    else if (word === "listtext" || word === "pntext") list();
    else if (word === "sp") current.property = { name: { text: "" }, value: { text: "" } };
    else if (word === "sn" && current.property) current.target = current.property.name;
    else if (word === "sv" && current.property) describe();
    else if (word === "formfield") form();
    else if (word === "ffl" && current.form) {
      const entry = collect();
      const { entries } = current.form;
      groups.whenClosed(() => void entries.push(entry.text));
    } else if (word === "upr" || word === "ud") current.isFirstForm = word === "upr";
    else if (["shpinst", "do", "fldinst", "pict"].includes(word)) current.target = "nowhere";
    else if (silentGroups.has(word) || (ignorable && !spokenGroups.has(word) && !mathGroup.test(word)))
      current.isDeaf = true;
    else return false;
    return true;
  }

  function note(): void {
    const { story, target, isHidden } = groups.current;
    const isSaid = target === "story" && !isHidden;
    notes += 1;
    const mark = `[${notes}]`;
    if (isSaid) story.say(mark);
    apart((blocks, outer) => {
      if (isSaid) outer.note([{ text: `${mark} ${joined(blocks)}` }]);
    });
  }

  function list(): void {
    const { story } = groups.current;
    const label = collect();
    groups.whenClosed(() => {
      story.isListed = true;
      // A bullet is a sign of a font of pictures, most often; some are a small o.
      if (/[\p{L}\p{N}]/u.test(label.text) && label.text.trim() !== "o") say(`${label.text.trim()} `);
    });
  }

  /** The alternative text of a picture. */
  function describe(): void {
    const { property, story } = groups.current;
    if (!property) return;
    groups.current.target = property.value;
    groups.whenClosed(() => {
      if (property.name.text.trim() === "wzDescription") story.note([{ text: property.value.text }]);
    });
  }

  function form(): void {
    const { story } = groups.current;
    const made = { type: -1, result: undefined, preset: undefined, entries: [] } as RtfGroup["form"] & object;
    Object.assign(groups.current, { form: made, target: "nowhere" });
    groups.whenClosed(() => {
      const { type, result, preset = 0, entries } = made;
      const chosen = result === undefined || result === notChosen ? preset : result;
      if (type === checkbox) story.say(chosen === 1 ? "☒" : "☐");
      else if (type === dropdown) story.say(entries[chosen] ?? "");
    });
  }

  function paragraphWord(word: string, number: number | undefined): void {
    const { story, target, isHidden } = groups.current;
    if (word === "nestrow") {
      story.row(true);
      return;
    }
    if (target !== "story") return;
    if (word === "s") story.level = levels.get(number ?? 0);
    else if (word === "outlinelevel") story.level = levelOf(number);
    else if (word === "intbl") story.inTable = true;
    else if (word === "itap") story.nest(number ?? 1);
    else if (word === "pard") {
      story.level = undefined;
      story.inTable = false;
    } else if (isHidden) return;
    else if (word === "par" || word === "sect" || word === "page") story.paragraph();
    else if (word === "cell" || word === "nestcell") story.cell(word === "nestcell");
    else if (word === "row") story.row(false);
  }

  function control(word: string, number: number | undefined): void {
    const { current } = groups;
    if (word === "uc") current.fallbacks = Math.max(0, number ?? 1);
    else if (word === "ansicpg") filePage = number || filePage;
    else if (word === "mac") filePage = 10_000;
    else if (word === "pc") filePage = 437;
    else if (word === "pca") filePage = 850;
    else if (word === "deff") {
      defaultFont = number ?? 0;
      current.font = defaultFont;
    } else if (word === "f") current.font = number ?? 0;
    else if (word === "plain") {
      current.isHidden = false;
      current.font = defaultFont;
    } else if (word === "v" || word === "deleted") current.isHidden = number !== 0;
    else if (current.table === "fonts") {
      const page = word === "fcharset" && number !== symbolCharset ? pageOfCharset.get(number ?? 0) : undefined;
      if (page !== undefined) pages.set(current.font, page);
      else if (word === "fcharset" && !number) westernFonts.add(current.font);
      else if (word === "cpg" && number) pages.set(current.font, number);
    } else if (current.table === "styles") {
      if (word === "s") current.style = number ?? 0;
      else if (word === "outlinelevel") {
        const level = levelOf(number);
        if (level !== undefined) levels.set(current.style, level);
      }
    } else if (current.form) {
      if (word === "fftype") current.form.type = number ?? -1;
      else if (word === "ffres") current.form.result = number;
      else if (word === "ffdefres") current.form.preset = number;
    } else paragraphWord(word, number);
  }

  const left = scanRtf(source, start, {
    open() {
      flush();
      bytes.skip(0);
      groups.open();
      isFresh = true;
    },
    close() {
      flush();
      bytes.skip(0);
      groups.close();
    },
    word(word, number) {
      const ignorable = isIgnorable;
      isIgnorable = false;
      isFresh = false;
      if (groups.current.isDeaf) return;
      flush();
      if (word === "u" && number !== undefined) unicode(number);
      else if (begins(word, ignorable)) return;
      else {
        const character = characterWords.get(word);
        if (character === undefined) control(word, number);
        else if (!bytes.skips()) say(character);
      }
    },
    symbol(sign) {
      isIgnorable = sign === "*" && isFresh;
      if (sign === "*" || groups.current.isDeaf) return;
      if (sign === "\\" || sign === "{" || sign === "}") {
        bytes.add(sign);
        return;
      }
      flush();
      if (sign === "~") say("\u00a0");
      else if (sign === "_") say("-");
      else if (sign === "\n" || sign === "\r") control("par", undefined);
    },
    byte(value) {
      if (!groups.current.isDeaf) bytes.add(String.fromCharCode(value));
    },
    text(run) {
      isIgnorable = false;
      isFresh = false;
      if (!groups.current.isDeaf && groups.current.target !== "nowhere") bytes.add(run);
      else bytes.skip(0);
    },
  });
  flush();
  groups.closeAll();
  return {
    info,
    headers: [...margins.header.values()],
    body: body.finish(),
    footers: [...margins.footer.values()],
    isCut: left > 0,
  };
}
