import { exportCollection } from "../../compose/export.ts";
import { type Command, type Invocation, textOption } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { count } from "../terminal/output.ts";
import { settingsOf } from "./shared.ts";

const toldEvery = 10_000;

export const exportCommand: Command = {
  name: "export",
  summary: "write the texts of any Weaviate collection as JSON lines",
  usage: "export [options]",
  options: { collection: { type: "string" }, property: { type: "string" } },
  optionHelp: {
    collection: "the collection to read (default Document)",
    property: "the property that holds the text (default content); the others become metadata",
  },
  examples: ["isthmus export --collection Document > documents.jsonl", "isthmus ingest documents.jsonl"],
  positionals: [0, 0],
  run,
};

/** JSON lines are the output of this command, with `--json` and without. */
async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const settings = settingsOf(invocation, { ISTHMUS_STORE: { shown: "ISTHMUS_STORE", value: "weaviate" } });
  const collection = textOption(invocation, "collection") ?? "Document";
  const property = textOption(invocation, "property") ?? "content";
  return await interruptible(output, "Stopping…", async (signal) => {
    let written = 0;
    for await (const object of exportCollection(settings, collection, property, signal)) {
      // A pipe that is full holds the reading back.
      if (!process.stdout.write(`${JSON.stringify(object)}\n`)) await drained();
      if (++written % toldEvery === 0) output.note(`${count(written, "object")} so far`);
    }
    output.note(`${count(written, "object")} of ${collection} written.`);
    return 0;
  });
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once("drain", () => resolve()));
}
