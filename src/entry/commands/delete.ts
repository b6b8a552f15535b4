import { openIngestEngine } from "../../compose/engine.ts";
import { toUri } from "../../compose/source.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { count, readable } from "../terminal/output.ts";
import { runtimeOf, settingsOf } from "./shared.ts";

export const deleteCommand: Command = {
  name: "delete",
  summary: "remove documents from the index",
  usage: "delete <path or URI…> [options]",
  options: { "allow-mass-delete": { type: "boolean" } },
  optionHelp: { "allow-mass-delete": "remove more than 20 documents at once" },
  examples: ["isthmus delete ./my-docs/old.pdf", "isthmus delete ./my-docs/archive/ --allow-mass-delete"],
  positionals: [1, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const runtime = await runtimeOf(invocation, settingsOf(invocation));
  try {
    const engine = await openIngestEngine(runtime);
    try {
      const removed: { uri: string; removed: number }[] = [];
      for (const location of positionals) {
        const options = { allowMassDelete: flagOption(invocation, "allow-mass-delete") };
        const uri = toUri(location);
        let summary = await engine.remove(uri, options);
        // A folder may be named without its slash, whether it still exists or not.
        if (summary.removed === 0 && !uri.endsWith("/")) summary = await engine.remove(`${uri}/`, options);
        removed.push({ uri, removed: summary.removed });
        output.line(
          summary.removed === 0
            ? `Nothing in the index under ${readable(uri)}.`
            : `Removed ${count(summary.removed, "document")} under ${readable(uri)}.`,
        );
      }
      output.data({ removed });
      if (removed.some((item) => item.removed > 0)) {
        output.line("A file that still lies in its folder comes back with the next ingest of the folder.");
      }
      return 0;
    } finally {
      await engine.close();
    }
  } finally {
    await runtime.close();
  }
}
