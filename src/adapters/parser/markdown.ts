import type { Parser } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { frontMatter } from "./front-matter.ts";
import { markdownHeadings } from "./markdown-headings.ts";
import { readWhole } from "./read-whole.ts";
import { firstTitle, sectionsOf } from "./sections.ts";
import { fileExtension, quotedName, titleFromUri } from "./source-name.ts";

// Pictures written into the text, as exports of office programs have them: kilobytes that are no words.
const dataUri =
  /data:[a-z]{1,20}\/[\w.+-]{1,60}(?:;[\w=.-]{1,40}){0,4};base64,[\w+/=%-]{64,}(?:\n[ \t]*[\w+/=]{4,80}(?=[\n)"'>]))*/gi;
const svgUri = /data:image\/svg\+xml[;\w=-]{0,40},(?:%3C|<)[^\s)"'>]{64,}/gi;

function withoutDataUris(text: string): string {
  const rest = text.includes(";base64,") ? text.replace(dataUri, "") : text;
  return rest.includes("data:image/svg") ? rest.replace(svgUri, "") : rest;
}

/**
 * Markdown as it is written, cut at its headings. The title is that of the front matter, else the first heading of level
 * 1, else the file name. Front matter stays in the text but in no section; pictures in the text (data URIs) are
 * left out.
 */
export function createMarkdownParser(maxFileBytes: number): Parser {
  return {
    name: "markdown",
    version: 7,
    records: false,
    async *parse(input) {
      const name = quotedName(input.uri);
      const decoded = await decodeText(await readWhole(input, maxFileBytes));
      const written = withoutDataUris(cleanText(decoded.text));
      const front = await frontMatter(written);
      const isMdx = fileExtension(input.uri) === "mdx";
      const text = isMdx ? await mdxText(written, front.end) : written;
      const headings = markdownHeadings(text, front.end);
      const title = front.title ?? (firstTitle(headings) || titleFromUri(input.uri));
      const sections = sectionsOf(text, headings, front.end);
      yield wholeDocument(name, { title, text, sections, metadata: front.metadata });
      const lost = lostCharacters(decoded);
      if (lost) yield lost;
    },
  };
}

async function mdxText(written: string, frontEnd: number): Promise<string> {
  const { withoutMdx } = await import("./mdx.ts");
  return written.slice(0, frontEnd) + withoutMdx(written.slice(frontEnd));
}
