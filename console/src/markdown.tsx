import type { Nodes, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import type { ComponentChildren } from "preact";
import { type Drawing, marked, Wide } from "./drawing.tsx";

/** What is nested deeper than anyone writes is shown as it stands: a hostile text must not exhaust the stack. */
const deepest = 24;

interface Within extends Drawing {
  depth: number;
}

/** Markdown as elements. HTML in it is shown as it is written. */
export function markdown(drawing: Drawing): ComponentChildren {
  const within = { ...drawing, depth: 0 };
  return treeOf(drawing.text).map((node) => block(node, within));
}

/** A text of one paragraph without the paragraph around it, to go on in the same line; undefined where it is more. */
export function inlineMarkdown(drawing: Drawing): ComponentChildren | undefined {
  const [first, ...others] = treeOf(drawing.text);
  if (first?.type !== "paragraph" || others.length > 0) return undefined;
  return all(first.children, { ...drawing, depth: 0 });
}

function treeOf(text: string): RootContent[] {
  return fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] }).children;
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
  if (!within.budget.take(node.position?.start.offset ?? 0)) return null;
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
