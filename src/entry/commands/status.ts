import { openStore } from "../../compose/runtime.ts";
import { toUri } from "../../compose/source.ts";
import type { StoreReader } from "../../core/ports.ts";
import type { ManifestEntry } from "../../core/types.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { count, type Output, readable, visible } from "../terminal/output.ts";
import { runtimeOf, settingsOf } from "./shared.ts";

const entriesPerPage = 500;

export const statusCommand: Command = {
  name: "status",
  summary: "show what is in the index, what failed, and why",
  usage: "status [path or URI prefix] [options]",
  options: { failed: { type: "boolean" }, documents: { type: "boolean" } },
  optionHelp: { failed: "list every document that failed", documents: "list every document" },
  examples: ["isthmus status", "isthmus status ./my-docs --failed --json"],
  positionals: [0, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation);
  const prefix = positionals[0] === undefined ? "" : toUri(positionals[0]);
  const runtime = await runtimeOf(invocation, settings);
  try {
    const reader = await openStore(settings).openReader(runtime.embedder.identity);
    try {
      const counts = await reader.count(prefix);
      const failures = await collect(reader, prefix, (entry) => entry.failure?.state === "failed" || faulty(entry));
      const documents = flagOption(invocation, "documents") ? await collect(reader, prefix, () => true) : undefined;
      output.data({
        data_dir: settings.dataDir,
        model: runtime.embedder.identity,
        ...counts,
        failures: failures.map(asJson),
        ...(documents && { list: documents.map(asJson) }),
      });
      const { model, dimensions } = runtime.embedder.identity;
      output.line(`${count(counts.documents, "document")}, ${count(counts.chunks, "chunk")} in ${settings.dataDir}`);
      output.line(`Model: ${model}, ${dimensions} dimensions`);
      if (counts.failed > 0) output.line(output.style("yellow", `Failed: ${count(counts.failed, "document")}`));
      if (counts.skipped > 0) output.line(`Skipped, of a kind that is not read: ${count(counts.skipped, "file")}`);
      for (const entry of documents ?? []) printDocument(output, entry);
      const told = flagOption(invocation, "failed") ? failures : failures.slice(0, 10);
      for (const entry of told) printFailure(output, entry);
      if (told.length < failures.length)
        output.line(`… and ${failures.length - told.length} more: isthmus status --failed`);
      return 0;
    } finally {
      await reader.close();
    }
  } finally {
    await runtime.close();
  }
}

async function collect(
  reader: StoreReader,
  prefix: string,
  wanted: (entry: ManifestEntry) => boolean,
): Promise<ManifestEntry[]> {
  const found: ManifestEntry[] = [];
  for (let after: string | undefined; ; ) {
    const page = await reader.page(prefix, after, entriesPerPage);
    if (page.length === 0) return found;
    found.push(...page.filter(wanted));
    after = page.at(-1)?.uri;
  }
}

function faulty(entry: ManifestEntry): boolean {
  return (entry.current?.faultCount ?? 0) > 0;
}

function asJson(entry: ManifestEntry) {
  const { uri, current, failure } = entry;
  return {
    uri,
    ...(current && {
      version: current.version,
      title: current.title,
      chunks: current.chunks,
      records: current.records,
      bad_records: current.faultCount,
      faults: current.faults,
      updated_at: current.updatedAt,
    }),
    ...(failure && {
      failure: {
        state: failure.state,
        code: failure.code,
        reason: failure.reason,
        attempts: failure.attempts,
        at: failure.at,
      },
    }),
  };
}

function printDocument(output: Output, entry: ManifestEntry): void {
  const { current } = entry;
  if (current === undefined) return;
  output.line(
    `  ${readable(entry.uri)}  ${output.style("dim", `${visible(current.title)}, ${count(current.chunks, "chunk")}`)}`,
  );
}

function printFailure(output: Output, entry: ManifestEntry): void {
  const { failure, current } = entry;
  output.line(`  ${output.style("red", readable(entry.uri))}`);
  if (failure !== undefined) {
    const tries = count(failure.attempts, "attempt");
    const kept = current?.state === "indexed" ? "; its earlier version still answers" : "";
    output.line(`    ${failure.code}: ${visible(failure.reason)} (${tries}, last ${failure.at}${kept})`);
  }
  if (current !== undefined && current.faultCount > 0) {
    output.line(
      `    ${count(current.faultCount, "bad record")} of its records were left out, the first: ${current.faults
        .slice(0, 3)
        .map((fault) => `#${visible(fault.id)} ${visible(fault.reason)}`)
        .join("; ")}`,
    );
  }
}
