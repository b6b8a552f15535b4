import type { Plan } from "../../core/plan/plan.ts";
import { columns } from "../terminal/columns.ts";
import { count, duration, type Output, readable, visible } from "../terminal/output.ts";
import { printCosts } from "./plan-costs.ts";
import type { ShownPlan } from "./plan-json.ts";
import { about, between, number, size } from "./plan-numbers.ts";

/** Lines of a list shown before the rest is counted. */
const told = 10;

/** The plan for people. */
export function printPlan(output: Output, shown: ShownPlan): void {
  const { plan } = shown;
  printFound(output, plan);
  if (plan.survey.added + plan.survey.changed === 0) {
    output.line("Nothing is to be indexed.");
    return;
  }
  output.line();
  for (const line of kindTable(plan)) output.line(line);
  output.line();
  printSample(output, plan);
  printWork(output, shown);
  printCosts(output, shown);
}

function printFound(output: Output, { survey }: Plan): void {
  const { objects, bytes, added, changed, outdated, uncompared, unchanged, removed = 0, leftOut, faults } = survey;
  const parts = [`${number(added)} new`, `${number(changed)} changed`, `${number(unchanged)} unchanged`];
  if (removed > 0) parts.push(`${number(removed)} gone from the source and to be removed`);
  output.line(output.style("bold", `${count(objects, "document")}, ${size(bytes)}: ${parts.join(", ")}`));
  if (outdated > 0) {
    const what = outdated === changed ? "The changed are" : `${number(outdated)} of the changed are`;
    output.line(
      `${what} as they were, and were read by an earlier Isthmus: only text that comes out anew is embedded.`,
    );
  }
  if (uncompared > 0)
    output.line(`${number(uncompared)} of the changed are as large as before and may prove unchanged.`);
  const shown = leftOut
    .slice(0, told)
    .map((each) => `${number(each.documents)} ${visible(each.kind)} (${reason(each)})`);
  if (leftOut.length > told) shown.push(`and ${leftOut.length - told} more kinds`);
  if (shown.length > 0) output.line(`Not to be indexed: ${shown.join(", ")}`);
  for (const { uri, error } of faults.slice(0, told)) {
    output.line(output.style("yellow", `Cannot be listed: ${readable(uri)}: ${visible(error.message)}`));
  }
  if (faults.length > told) output.line(`… and ${faults.length - told} more places.`);
}

function reason({ outcome, code }: { readonly outcome: string; readonly code: string }): string {
  if (code === "content_unsupported" && outcome === "skipped") return "a kind that is not read";
  if (code === "content_empty" || code === "content_blank") return "empty";
  if (code === "source_too_large") return "over ISTHMUS_MAX_FILE_BYTES";
  return `${outcome}: ${code}`;
}

function kindTable({ kinds, all }: Plan): string[] {
  const rows = kinds.map(({ kind, documents, bytes, records, chunks, tokens }) => [
    kind,
    number(documents),
    size(bytes),
    about(records),
    about(chunks),
    between(chunks),
    about(tokens),
  ]);
  const documents = kinds.reduce((sum, kind) => sum + kind.documents, 0);
  const bytes = kinds.reduce((sum, kind) => sum + kind.bytes, 0);
  const { records, chunks, tokens } = all;
  return columns([
    ["to be indexed", "documents", "size", "records", "chunks", "between", "tokens"],
    ...rows,
    ["together", number(documents), size(bytes), about(records), about(chunks), between(chunks), about(tokens)],
  ]);
}

function printSample(output: Output, { sample, kinds, unusable }: Plan): void {
  const begun = kinds.reduce((sum, kind) => sum + kind.begun, 0);
  const beginnings = begun > 0 ? `, ${number(begun)} by the beginning alone, as if it went on alike` : "";
  output.line(
    sample.counted
      ? "Every document was read: the chunks are counted, not estimated."
      : `Estimated from ${count(sample.documents, "document")} (${size(sample.bytes)} read${beginnings}); the ranges are 95 % by their spread.`,
  );
  for (const { kind, guessed } of kinds.filter((each) => each.guessed > 0)) {
    const what = `Of ${count(guessed, "document")} (${kind}) no text could be read`;
    output.line(output.style("yellow", `${what}: up to how many chunks they have is a guess.`));
  }
  if (sample.faults > 0) output.line(`${count(sample.faults, "record")} of the sample cannot be used.`);
  for (const { kind, outcome, code, read, expected } of unusable.slice(0, told)) {
    output.line(
      `  ${kind}: ${number(read)} of the sample ${reason({ outcome, code })}, about ${number(Math.round(expected))} of all`,
    );
  }
}

function printWork(output: Output, { plan, forecast, circumstances, workers, vnni }: ShownPlan): void {
  const { duration: time, chunksPerSecond, storage } = forecast;
  const { shards, store } = circumstances;
  if (time === undefined) {
    output.line(
      `${output.style("bold", "Time: unknown")}, for there was no text to measure this machine with; --rate tells it`,
    );
  } else {
    const { low, expected, high } = time.elapsed;
    const pods = shards > 1 ? ` with ${count(shards, "pod")}` : "";
    const span = [low, high].map((seconds) => duration(seconds * 1000)).join(" to ");
    output.line(`${output.style("bold", `Time: ${duration(expected * 1000)}`)} (${span})${pods}`);
    if (shards > 1 && expected > (1.01 * time.work.expected) / shards) {
      output.line(
        "  which the largest document takes, for one pod has it to itself; several smaller files share better",
      );
    }
  }
  if (chunksPerSecond !== undefined) {
    const rate = chunksPerSecond.expected.toPrecision(2);
    const { rate: measured } = plan;
    output.line(
      measured === undefined
        ? `  at ${chunksPerSecond.expected} chunks/s, as given`
        : `  at ${Number(rate)} chunks/s, measured here with ${count(workers, "worker")} in ${duration(measured.seconds * 1000)}; another machine: --rate`,
    );
    if (measured !== undefined && vnni !== undefined) output.line(`  ${otherNodes(vnni)}`);
  }
  output.line(
    `Index: ${size(storage.expected)} on disk for these chunks (${size(storage.low)} to ${size(storage.high)}), one copy in ${store === "sqlite" ? "SQLite" : "Weaviate"}`,
  );
}

function otherNodes(vnni: boolean): string {
  return vnni
    ? "this processor has VNNI; a node without (an e2 may be one) takes about twice the time and money: --rate"
    : "this processor has no VNNI; a node with it (n2, c3, n4) takes about half the time: --rate";
}
