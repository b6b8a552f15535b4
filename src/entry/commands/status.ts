import { languageNames, languagesIn } from "../../compose/languages.ts";
import { type Named, namedIn } from "../../compose/location.ts";
import { placeOf } from "../../compose/store.ts";
import type { StoreReader } from "../../core/ports.ts";
import { type DocumentRow, isLoss, type ManifestEntry, type Verification } from "../../core/types.ts";
import { isSound } from "../../core/verify.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { count, grouped, type Output, readable, visible } from "../terminal/output.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

const entriesPerPage = 500;
/** Failures shown unasked. */
const failuresTold = 10;
/** Bad records of one file shown with their reasons. */
const faultsTold = 3;
const everything: Named = { uri: "", exact: false };

export const statusCommand: Command = {
  name: "status",
  summary: "show what is in the index, what failed, and why",
  usage: "status [path or URI prefix] [options]",
  options: { ...storeOption, failed: { type: "boolean" }, documents: { type: "boolean" } },
  optionHelp: {
    ...storeHelp,
    failed: "list every failure, not the first ten alone",
    documents: "list every document, and every file that was skipped",
  },
  examples: ["isthmus status", "isthmus status ./my-docs --failed --json"],
  positionals: [0, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation);
  const runtime = await runtimeOf(invocation, settings);
  try {
    const { identity } = runtime.embedder;
    const reader = await runtime.store.openReader(identity);
    try {
      const scope = positionals[0] === undefined ? everything : await namedIn(reader, positionals[0]);
      const counts = await countOf(reader, scope);
      const verified = await reader.verified();
      const held = await heldUnder(reader, scope.uri);
      const languages = counts.documents === 0 ? [] : await languagesIn(reader, scope.uri);
      const failures = await collect(reader, scope, (entry) => entry.failure?.state === "failed" || faulty(entry));
      const documents = flagOption(invocation, "documents") ? await collect(reader, scope, () => true) : undefined;
      output.data({
        data_dir: settings.dataDir,
        store: runtime.store.name,
        model: identity,
        ...counts,
        held,
        languages,
        verified: verified === undefined ? null : { at: verified.at, sound: isSound(verified) },
        failures: failures.map(asJson),
        ...(documents && { list: documents.map(asJson) }),
      });
      if (positionals[0] !== undefined && Object.values(counts).every((number) => number === 0)) {
        output.line(`Nothing in the index under ${readable(scope.uri)}.`);
        return 0;
      }
      output.line(
        `${count(counts.documents, "document")}, ${count(counts.chunks, "chunk")} in ${visible(placeOf(settings))}`,
      );
      output.line(`Model: ${identity.model}, ${identity.dimensions} dimensions`);
      if (languages.length > 0) output.line(`Languages beside English: ${languageNames(languages)}`);
      output.line(verifiedLine(verified));
      if (counts.failed > 0) output.line(output.style("yellow", `Failed: ${count(counts.failed, "document")}`));
      if (held > 0) output.line(output.style("yellow", `${count(held, "deletion")} held: isthmus held list`));
      if (counts.skipped > 0) output.line(`Skipped, of a kind that is not read: ${count(counts.skipped, "file")}`);
      for (const entry of documents ?? []) printDocument(output, entry);
      const told = flagOption(invocation, "failed") ? failures : failures.slice(0, failuresTold);
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

function verifiedLine(verified: Verification | undefined): string {
  if (verified === undefined) return "Never verified: isthmus verify compares what the index says with what it holds.";
  if (isSound(verified)) return `Verified ${verified.at}${verified.repaired ? ", and mended" : ""}`;
  return `Verified ${verified.at}: something is wrong with it; isthmus verify says what, --repair mends it`;
}

/** Deletions that were refused and wait for a person. */
async function heldUnder(reader: StoreReader, prefix: string): Promise<number> {
  let held = 0;
  for await (const _ of reader.held(prefix)) held++;
  return held;
}

async function countOf(reader: StoreReader, { uri, exact }: Named) {
  if (!exact) return await reader.count(uri);
  const [entry] = await reader.entries([uri]);
  const indexed = entry?.current?.state === "indexed";
  return {
    documents: indexed ? 1 : 0,
    chunks: indexed ? (entry.current?.chunks ?? 0) : 0,
    failed: entry?.failure?.state === "failed" ? 1 : 0,
    skipped: entry?.failure?.state === "skipped" ? 1 : 0,
  };
}

async function collect(
  reader: StoreReader,
  { uri, exact }: Named,
  wanted: (entry: ManifestEntry) => boolean,
): Promise<ManifestEntry[]> {
  if (exact) return (await reader.entries([uri])).filter(wanted);
  const found: ManifestEntry[] = [];
  for (let after: string | undefined; ; ) {
    const page = await reader.page(uri, after, entriesPerPage);
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
  const { current, failure } = entry;
  const detail =
    current?.state === "indexed"
      ? `${visible(current.title)}, ${count(current.chunks, "chunk")}`
      : failure?.state === "skipped" && `skipped: ${visible(failure.reason)}`;
  if (detail) output.line(`  ${readable(entry.uri)}  ${output.style("dim", detail)}`);
  if (current?.state !== "indexed") return;
  for (const { id, code, reason } of current.faults) {
    if (code === "content_skipped")
      output.line(output.style("dim", `    #${visible(id)}  skipped: ${visible(reason)}`));
    if (code === "content_note")
      output.line(output.style("dim", `    note: ${id === "" ? "" : `${visible(id)}: `}${visible(reason)}`));
  }
}

function printFailure(output: Output, entry: ManifestEntry): void {
  const { failure, current } = entry;
  output.line(`  ${output.style("red", readable(entry.uri))}`);
  if (failure !== undefined) {
    const tries = count(failure.attempts, "attempt");
    const kept = current?.state === "indexed" ? "; its earlier version still answers" : "";
    output.line(`    ${failure.code}: ${visible(failure.reason)} (${tries}, last ${failure.at}${kept})`);
  }
  if (current !== undefined && current.faultCount > 0) output.line(`    ${leftOut(current)}`);
}

/** "2 of its records were left out: #31 has no text; #x is not JSON.", or why nothing of the document can be found. */
function leftOut({ faultCount, faults: all }: DocumentRow): string {
  const faults = all.filter(isLoss);
  const empty = faults.find(({ code }) => code === "content_empty");
  if (empty !== undefined) return `nothing of it can be found: ${visible(empty.reason)}`;
  const told = faults.slice(0, faultsTold);
  const reasons = told.map((fault) => `${placeOfFault(fault)} ${visible(fault.reason)}`);
  const more = faultCount - told.length;
  if (more > 0) reasons.push(`and ${grouped(more)} more`);
  const lost = faults.every(({ code }) => code === "content_lost") ? "parts" : "records";
  return `${grouped(faultCount)} of its ${lost} ${faultCount === 1 ? "was" : "were"} left out: ${reasons.join("; ")}`;
}

/** A record by its id, a part by its place ("pages 3 and 7"). */
function placeOfFault({ id, code }: DocumentRow["faults"][number]): string {
  return code === "content_lost" ? `${visible(id)}:` : `#${visible(id)}`;
}
