import type { Nodes, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import type { ComponentChildren, JSX } from "preact";

/** A stretch of the text that is marked, in UTF-16 code units. */
export interface Range {
  start: number;
  end: number;
}

type Kind = "markdown" | "pairs" | "plain";

/** What is nested deeper than anyone writes is shown as it stands: a hostile text must not exhaust the stack. */
const deepest = 24;
/** A longer text is shown as it stands: parsing it would hold the page up. */
const longest = 200_000;

/** How a document's parsed text is best shown, by the name of its file. */
export function kindOf(uri: string): Kind {
  const name = uri.replace(/[#?].*$/s, "").toLowerCase();
  if (/\.(md|markdown|mdown|mkd)$/.test(name)) return "markdown";
  return /\.(csv|tsv|json|jsonl|ndjson|ya?ml)$/.test(name) ? "pairs" : "plain";
}

/** A document's text as elements. It is data: nothing in it becomes markup, style or script of the page. */
export function Rendered({ text, uri, mark }: { text: string; uri: string; mark?: Range | undefined }): JSX.Element {
  const kind = text.length > longest ? "plain" : kindOf(uri);
  return <div class={`text ${kind}`}>{renderers[kind](text, mark)}</div>;
}

const renderers: Record<Kind, (text: string, mark: Range | undefined) => ComponentChildren> = {
  markdown(text, mark) {
    const tree = fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
    return tree.children.map((node) => block(node, { text, mark, depth: 0 }));
  },
  pairs: (text, mark) => blocksOf(text, /^([^\n:]{1,120}): (.*)$/, "dl", mark),
  plain: (text, mark) => blocksOf(text, /^(.*\S) \| (.*)$/, "table", mark),
};

/** The text with the marked stretch marked. @param at where it stands in the whole. */
export function marked(text: string, at: number, mark: Range | undefined): ComponentChildren {
  if (mark === undefined) return text;
  const from = Math.max(0, mark.start - at);
  const to = Math.min(text.length, mark.end - at);
  if (from >= to) return text;
  return [text.slice(0, from), <mark class="cited">{text.slice(from, to)}</mark>, text.slice(to)];
}

/** Runs of lines of one form become a table or a list of names and values; everything else stands as it is. */
function blocksOf(text: string, form: RegExp, as: "dl" | "table", mark: Range | undefined): ComponentChildren {
  const blocks: JSX.Element[] = [];
  let lines: { line: string; at: number }[] = [];
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
    const matches = form.test(line);
    if (matches !== formed) end();
    formed = matches;
    lines.push({ line, at });
    at += line.length + 1;
  }
  end();
  return blocks;
}

type Lines = { line: string; at: number }[];

function Pairs({ lines, form, mark }: { lines: Lines; form: RegExp; mark: Range | undefined }) {
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

function Rows({ lines, mark }: { lines: Lines; mark: Range | undefined }) {
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

/** Scrolls by itself where it is wider than the page; keyboards reach it. */
export function Wide({ children, name = "table" }: { children: ComponentChildren; name?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section class="wide" tabIndex={0} aria-label={name}>
      {children}
    </section>
  );
}

interface Within {
  text: string;
  mark: Range | undefined;
  depth: number;
}

function raw(node: Nodes, { text, mark }: Within): ComponentChildren {
  const [start, end] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0];
  return marked(text.slice(start, end), start, mark);
}

function all(nodes: readonly RootContent[], within: Within): ComponentChildren {
  return nodes.map((node) => block(node, { ...within, depth: within.depth + 1 }));
}

/** The words of a node whose value may differ from its source by escapes: marked letter by letter where it does not, else as a whole. */
function words(node: Nodes & { value: string }, offset: number, { mark }: Within): ComponentChildren {
  const start = (node.position?.start.offset ?? 0) + offset;
  const end = (node.position?.end.offset ?? 0) - offset;
  if (mark === undefined || end - start === node.value.length) return marked(node.value, start, mark);
  return mark.start < end && mark.end > start ? <mark class="cited">{node.value}</mark> : node.value;
}

function block(node: RootContent, within: Within): ComponentChildren {
  if (within.depth > deepest) return raw(node, within);
  switch (node.type) {
    case "text":
      return words(node, 0, within);
    case "inlineCode":
      return <code>{words(node, 1, within)}</code>;
    case "paragraph":
      return <p>{all(node.children, within)}</p>;
    case "heading":
      // Not a heading of the page: its outline is the page's own.
      return <p class={`heading h${node.depth}`}>{all(node.children, within)}</p>;
    case "emphasis":
      return <em>{all(node.children, within)}</em>;
    case "strong":
      return <strong>{all(node.children, within)}</strong>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "blockquote":
      return <blockquote>{all(node.children, within)}</blockquote>;
    case "list":
      return node.ordered ? (
        <ol start={node.start ?? 1}>{all(node.children, within)}</ol>
      ) : (
        <ul>{all(node.children, within)}</ul>
      );
    case "listItem":
      return <li>{all(node.children, within)}</li>;
    case "code":
      return <Code node={node} within={within} />;
    case "link":
      return <Link url={node.url}>{all(node.children, within)}</Link>;
    case "image":
      // Its address is never loaded: pages of the console ask no other host for anything.
      return <span class="image">{node.alt || node.url}</span>;
    case "table":
      return (
        <Wide>
          <table>
            <tbody>{all(node.children, within)}</tbody>
          </table>
        </Wide>
      );
    case "tableRow":
      return <tr>{all(node.children, within)}</tr>;
    case "tableCell":
      return <td>{all(node.children, within)}</td>;
    default:
      // HTML above all: shown as it is written.
      return raw(node, within);
  }
}

function Code({ node, within }: { node: Nodes & { value: string }; within: Within }) {
  const start = node.position?.start.offset ?? 0;
  // Where the code itself begins, below its fence; indented code differs from its source in every line.
  const at = within.text.indexOf(node.value, start);
  const exact = at >= start && at + node.value.length <= (node.position?.end.offset ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <pre tabIndex={0}>
      <code>{exact ? marked(node.value, at, within.mark) : words(node, 0, within)}</code>
    </pre>
  );
}

/** Leads out of the page by hand alone, and only where a page can be: anything else is text. */
function Link({ url, children }: { url: string; children: ComponentChildren }) {
  if (!/^(https?|mailto):/i.test(url)) return <span class="link">{children}</span>;
  return (
    <a href={url} rel="noopener noreferrer nofollow" target="_blank">
      {children}
    </a>
  );
}
