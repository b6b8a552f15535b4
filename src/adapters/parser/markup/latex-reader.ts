import type { SandboxItem, SandboxJob } from "../sandbox-protocol.ts";
import { createTextBuilder } from "../text-builder.ts";
import { type MarkupContent, markupDocument, markupMetadata, tableRow } from "./content.ts";
import { argumentsAt, withoutComments } from "./latex-source.ts";
import { inlineText, readLatexText, type Sink } from "./latex-walk.ts";

function commandArgument(source: string, name: string): string {
  const at = source.search(new RegExp(`\\\\${name}(?![A-Za-z])`));
  return at === -1 ? "" : inlineText(argumentsAt(source, at + name.length + 1, 1).values[0] ?? "", 1);
}

export function latexContent(raw: string): MarkupContent {
  const verbatimSafe = withoutComments(raw);
  const begin = verbatimSafe.indexOf("\\begin{document}");
  const end = verbatimSafe.indexOf("\\end{document}");
  // A chapter has no beginning of its own.
  const body =
    begin === -1 ? verbatimSafe : verbatimSafe.slice(begin + "\\begin{document}".length, end > begin ? end : undefined);
  const builder = createTextBuilder();
  let run: string[] = [];
  let cells: string[] = [];
  let tables = 0;
  const taken = (): string => {
    const text = run
      .join("")
      .replace(/[ \t]*\n[ \t]*/g, "\n")
      .replace(/[^\S\n]+/g, " ")
      .trim();
    run = [];
    return text;
  };
  const flush = (): void => builder.block(taken());
  const sink: Sink = {
    text: (text) => void run.push(text),
    paragraph: () => (tables > 0 ? void run.push(" ") : flush()),
    heading(level, label) {
      flush();
      builder.heading(level, label);
    },
    code(text) {
      if (tables > 0) {
        run.push(text);
        return;
      }
      flush();
      builder.block(text);
    },
    cell() {
      if (tables > 0) cells.push(taken());
      else run.push("&");
    },
    row() {
      if (tables === 0) {
        run.push("\n");
        return;
      }
      builder.block(tableRow([...cells, taken()]), "\n");
      cells = [];
    },
    table(begins) {
      if (!begins && tables > 0) {
        sink.row();
        tables -= 1;
      } else if (begins) {
        flush();
        tables += 1;
      }
    },
  };
  readLatexText(body, sink, 0);
  tables = 0;
  flush();
  const metadata = markupMetadata([
    ["author", commandArgument(verbatimSafe, "author")],
    ["date", commandArgument(verbatimSafe, "date")],
  ]);
  return { title: commandArgument(verbatimSafe, "title"), ...builder.finish(), metadata };
}

/** LaTeX: no macro is ever run. Runs in the sandbox. */
export async function readLatex(job: SandboxJob): Promise<readonly SandboxItem[]> {
  return markupDocument(job, latexContent);
}
