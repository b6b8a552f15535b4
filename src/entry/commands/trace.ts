import { toUri } from "../../compose/location.ts";
import { parseTraceAddress } from "../../config/telemetry.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Manifest } from "../../core/ports.ts";
import type { DocumentRow } from "../../core/types.ts";
import type { Command, Invocation } from "../command.ts";
import { type Output, readable } from "../terminal/output.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

export const traceCommand: Command = {
  name: "trace",
  summary: "tell the trace that brought a document, or a citation's, into the index",
  usage: "trace <path or URI> [options]",
  options: storeOption,
  optionHelp: storeHelp,
  examples: ["isthmus trace ./my-docs/guide.md", "isthmus trace gs://my-bucket/people.csv#2 --store weaviate"],
  positionals: [1, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals, environment } = invocation;
  const [location = ""] = positionals;
  const addressOf = parseTraceAddress(environment);
  const runtime = await runtimeOf(invocation, settingsOf(invocation));
  try {
    const reader = await runtime.store.openReader(runtime.embedder.identity);
    try {
      const row = await rowOf(reader, location);
      const address = row.traceId === undefined ? undefined : addressOf?.(row.traceId);
      output.data({
        uri: row.uri,
        version: row.version,
        state: row.state,
        committed_at: row.committedAt,
        trace_id: row.traceId ?? null,
        ...(address !== undefined && { address }),
      });
      print(output, row, address);
      return 0;
    } finally {
      await reader.close();
    }
  } finally {
    await runtime.close();
  }
}

/** The current row of the document, or of the file that holds it, if a citation of one of its records is named. */
async function rowOf(manifest: Manifest, location: string): Promise<DocumentRow> {
  // As printed, the name of a record may have such marks itself (`docs.zip#data/list.csv#2`); so may that of a file.
  const files = [...location.matchAll(/(?<!^)#/g)].map(({ index }) => location.slice(0, index)).reverse();
  const uris = [location, ...files].slice(0, mostNamed).map(toUri);
  const entries = await manifest.entries([...new Set(uris)]);
  const found = entries.find(({ current }) => current !== undefined)?.current;
  if (found !== undefined) return found;
  const failure = entries.find((entry) => entry.failure !== undefined)?.failure;
  if (failure !== undefined)
    throw new IsthmusError(
      "source_not_found",
      `No version of ${JSON.stringify(location)} came into the index: ${failure.state} at ${failure.at} (${failure.code}), and only what came in names its trace. ${failure.reason}`,
    );
  throw new IsthmusError(
    "source_not_found",
    `There is no document ${JSON.stringify(location)} in the index, and was none. isthmus status --documents lists what there is.`,
  );
}

/** Marks of records that are looked behind; archives lie in archives less deep than that. */
const mostNamed = 20;

function print(output: Output, row: DocumentRow, address: string | undefined): void {
  const did = row.state === "deleted" ? "Deleted" : `Version ${row.version} came`;
  output.line(output.style("bold", readable(row.uri)));
  output.line(`${did} at ${row.committedAt}.`);
  if (row.traceId === undefined) {
    output.line("Its trace was not kept: traces were off, or this one was not sampled (docs/telemetry.md).");
    return;
  }
  output.line(`Trace ${row.traceId}`);
  if (address !== undefined) output.line(address);
}
