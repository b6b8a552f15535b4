import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { budgetOf, type Drawing, leads, marked, type Range, type Share, Wide, windowOf } from "./drawing.tsx";
import { inlineMarkdown, markdown } from "./markdown.tsx";
import { texts } from "./texts.ts";

type Kind = "markdown" | "pairs" | "plain";

/** How a document's parsed text is best shown, by the name of its file. */
export function kindOf(uri: string): Kind {
  const name = uri.replace(/[#?].*$/s, "").toLowerCase();
  if (/\.(md|markdown|mdown|mkd)$/.test(name)) return "markdown";
  return /\.(csv|tsv|json|jsonl|ndjson|ya?ml)$/.test(name) ? "pairs" : "plain";
}

const renderers: Record<Kind, (drawing: Drawing) => ComponentChildren> = {
  markdown,
  pairs: (drawing) => blocksOf(drawing, /^([^\n:]{1,120}): (.*)$/, "dl"),
  plain: (drawing) => blocksOf(drawing, /^(.*\S) \| (.*)$/, "table"),
};

/**
 * A document's text as elements. It is data: nothing in it becomes markup, style or script of the page. However long it is, no more than
 * its share is drawn; the rest is said to be there, and shown by hand.
 */
export function Rendered({
  text,
  uri,
  share,
  mark,
}: {
  text: string;
  uri: string;
  share: Share;
  mark?: Range | undefined;
}): JSX.Element {
  const kind = kindOf(uri);
  const more = useSignal({ before: 0, after: 0 });
  const { before, after } = more.value;
  // Read again only where it differs: much else on the page changes every moment.
  const drawn = useMemo(
    () => drawingOf(kind, text, mark, share, more.value),
    [kind, text, mark?.start, mark?.end, share.elements, share.characters, before, after],
  );
  return (
    <div class={`text ${kind}`}>
      {drawn.start > 0 && (
        <More
          name={texts.document.moreBefore(drawn.start)}
          show={() => {
            more.value = { before: before + 1, after };
          }}
        />
      )}
      {drawn.children}
      {drawn.end < text.length && (
        <More
          name={texts.document.moreAfter(text.length - drawn.end)}
          show={() => {
            more.value = { before, after: after + 1 };
          }}
        />
      )}
    </div>
  );
}

interface Drawn extends Range {
  children: ComponentChildren;
}

/** What is drawn of a text, and from where to where that is: as much before the mark as lets the mark be reached. */
function drawingOf(
  kind: Kind,
  text: string,
  mark: Range | undefined,
  share: Share,
  { before, after }: { before: number; after: number },
): Drawn {
  const draw = (lead: number): Drawn => {
    const { start, end } = windowOf(text, mark, lead, share.characters * (1 + after));
    const budget = budgetOf(share.elements * (1 + before + after));
    const shifted = mark && { start: mark.start - start, end: mark.end - start };
    const children = renderers[kind]({ text: text.slice(start, end), mark: shifted, budget });
    const cut = budget.cut();
    return { children, start, end: cut === undefined ? end : start + cut };
  };
  const [most, ...fewer] = leads.map((lead) => lead + before * share.characters);
  let drawn = draw(most ?? 0);
  for (const lead of fewer) {
    if (mark === undefined || drawn.end > mark.start) break;
    drawn = draw(lead);
  }
  return drawn;
}

function More({ name, show }: { name: string; show: () => void }) {
  return (
    <p class="more">
      <button type="button" onClick={show}>
        {name}
      </button>
    </p>
  );
}

/**
 * A sentence of an answer, in the form of the document that it comes from; one that is no more than a paragraph of prose goes on in the
 * line of its citations.
 */
export function Sentence({
  text,
  uri,
  written,
  children,
}: {
  text: string;
  uri: string;
  /** By a language model, which writes Markdown whatever it has read. */
  written: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const kind = written ? "markdown" : kindOf(uri);
  // The server bounds a sentence; this bounds what it can be made of.
  const drawing = (): Drawing => ({
    text: kind === "markdown" ? ruled(text) : text,
    mark: undefined,
    budget: budgetOf(1_000),
  });
  const inline = kind === "markdown" ? inlineMarkdown(drawing()) : text.includes("\n") ? undefined : text;
  if (inline !== undefined) {
    return (
      <p class="text sentence">
        {inline}
        {children}
      </p>
    );
  }
  return (
    <div class={`text sentence ${kind}`}>
      {renderers[kind](drawing())}
      <p>{children}</p>
    </div>
  );
}

/** A row comes below the names of its columns, without the line of dashes that makes both a table. */
function ruled(text: string): string {
  const [names = "", row = "", ...others] = text.split("\n");
  if (![names, row].every((line) => /^\s*\|.*\|\s*$/.test(line)) || /^[\s|:-]+$/.test(row)) return text;
  const columns = names.split(/(?<!\\)\|/).length - 2;
  return [names, `|${"---|".repeat(columns)}`, row, ...others].join("\n");
}

type Line = { line: string; at: number };

/** A line of more cells is a hostile one, and stands as text. */
const mostCells = 60;

/** Runs of lines of one form become a table or a list of names and values; everything else stands as it is. */
function blocksOf({ text, mark, budget }: Drawing, form: RegExp, as: "dl" | "table"): ComponentChildren {
  const blocks: JSX.Element[] = [];
  let lines: Line[] = [];
  let formed = false;
  const end = () => {
    const [first] = lines;
    const last = lines.at(-1);
    if (first === undefined || last === undefined) return;
    // One line alone is a sentence with a colon or a bar in it as likely as not.
    const asForm = formed && (as === "dl" || lines.length > 1);
    if (asForm && as === "dl") blocks.push(<Pairs lines={lines} form={form} mark={mark} />);
    else if (asForm) blocks.push(<Rows lines={lines} mark={mark} />);
    else
      blocks.push(<div class="lines">{marked(text.slice(first.at, last.at + last.line.length), first.at, mark)}</div>);
    lines = [];
  };
  let at = 0;
  for (const line of text.split("\n")) {
    const cells = as === "dl" ? 2 : line.split(" | ").length;
    const matches = form.test(line) && cells <= mostCells;
    if (matches !== formed) end();
    formed = matches;
    const elements = matches ? cells + 1 : lines.length === 0 ? 1 : 0;
    if (!budget.take(at, elements)) break;
    lines.push({ line, at });
    at += line.length + 1;
  }
  end();
  return blocks;
}

function Pairs({ lines, form, mark }: { lines: Line[]; form: RegExp; mark: Range | undefined }) {
  return (
    <dl>
      {lines.map(({ line, at }) => {
        const name = form.exec(line)?.[1] ?? "";
        return (
          <div>
            <dt>{marked(name, at, mark)}</dt>
            <dd>{marked(line.slice(name.length + 2), at + name.length + 2, mark)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Rows({ lines, mark }: { lines: Line[]; mark: Range | undefined }) {
  return (
    <Wide>
      <table>
        <tbody>
          {lines.map(({ line, at }) => {
            let cellAt = at;
            return (
              <tr>
                {line.split(" | ").map((cell) => {
                  const shown = <td>{marked(cell, cellAt, mark)}</td>;
                  cellAt += cell.length + 3;
                  return shown;
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
