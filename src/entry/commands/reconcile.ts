import { leftWrong, type Reconciliation, reconcile } from "../../compose/reconcile.ts";
import { openLook, openSource } from "../../compose/source.ts";
import { placeOf } from "../../compose/store.ts";
import type { Difference } from "../../core/ingest/reconcile.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { reconciliationJson } from "../job/reconciliation-json.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { count, duration, type Output, readable, visible } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { overridingFlag, runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

/** Differences told by name; `--json` has the first thousand. */
const told = 20;

const meaning: Readonly<Record<Difference, string>> = {
  missing: "in the source, and not in the index",
  stale: "in the index with an earlier version",
  outdated: "in the index as an earlier version of Isthmus, or another model, made it",
  ghost: "in the index, and gone from the source",
};

export const reconcileCommand: Command = {
  name: "reconcile",
  summary: "compare a bucket or folder with the index and its chunks, and mend it",
  usage: "reconcile <path or gs://…> [options]",
  options: {
    ...storeOption,
    repair: { type: "boolean" },
    "skip-chunks": { type: "boolean" },
    "allow-mass-delete": { type: "boolean" },
  },
  optionHelp: {
    ...storeHelp,
    repair: "write what is missing or stale, remove what is gone, and settle what is held",
    "skip-chunks": "compare the source with the manifest alone; isthmus verify looks at chunks and vectors",
    "allow-mass-delete": "remove although over 20 % of the documents (and over 20) are gone from the source",
  },
  examples: ["isthmus reconcile gs://my-bucket/docs/", "isthmus reconcile ./my-docs --repair --json"],
  positionals: [1, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation, {
    ISTHMUS_ALLOW_MASS_DELETE: overridingFlag(invocation, "allow-mass-delete"),
  });
  const { allowMassDelete } = settings;
  const repair = flagOption(invocation, "repair");
  const skipChunks = flagOption(invocation, "skip-chunks");
  const [location = ""] = positionals;
  return await interruptible(output, "Stopping; what was mended stays, and the same command goes on.", (signal) =>
    closingAll(async (closing) => {
      const source = await (repair ? openSource : openLook)(location, settings);
      closing.add(() => source.close());
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const progress = createProgress(output);
      const options = { repair, skipChunks, allowMassDelete, signal, onEvent: progress.onEvent };
      const found = await reconcile(runtime, source, options).finally(() => progress.stop());
      output.data(reconciliationJson(found, location));
      print(output, found, location, placeOf(settings));
      return leftWrong(found) === 0 ? 0 : 2;
    }),
  );
}

function print(output: Output, found: Reconciliation, location: string, place: string): void {
  const { comparison, verification, repaired } = found;
  const { findings, held, failed, pending, unlisted, refused } = comparison;
  const compared = `${count(comparison.listed, "object")} in ${readable(location)} with ${visible(place)}`;
  output.line(`Compared ${compared} in ${duration(found.tookMs)}.`);
  const counts = { missing: comparison.missing, stale: comparison.stale, outdated: comparison.outdated };
  for (const [difference, documents] of Object.entries({ ...counts, ghost: comparison.ghosts })) {
    if (documents > 0)
      output.line(output.style("red", `  ${count(documents, "document")}: ${meaning[difference as Difference]}`));
  }
  for (const { difference, uri } of findings.slice(0, told)) output.line(`    ${difference} ${readable(uri)}`);
  if (findings.length > told) output.line(`    … and ${findings.length - told} more: --json`);
  if (verification !== undefined && verification.damaged > 0) {
    output.line(
      output.style("red", `  ${count(verification.damaged, "document")}: chunks are not as they were written`),
    );
  }
  if (verification !== undefined && verification.orphaned.attempts > 0) {
    const { attempts, chunks } = verification.orphaned;
    output.line(
      `  ${count(chunks, "chunk")} of ${count(attempts, "attempt")} that died: orphaned, not seen by any search`,
    );
  }
  if (pending > 0) output.line(`  ${count(pending, "document")} just uploaded: a worker may be at it`);
  if (failed > 0) output.line(`  ${count(failed, "document")} failed: isthmus status --failed says why`);
  if (unlisted > 0)
    output.line(`  ${count(unlisted, "place")} could not be listed: nothing is said of what lies there`);
  if (held > 0) output.line(`  ${count(held, "deletion")} held: isthmus held list`);
  if (refused !== undefined) output.note(`isthmus: ${refused}`);
  const { written, removed, released, unwritten } = comparison;
  if (repaired && written + removed + released + unwritten > 0) {
    output.line(
      `Mended: ${written} written, ${removed} removed, ${released} no longer held; ${unwritten} could not be.`,
    );
  }
  if (leftWrong(found) === 0) output.line("The index says what the source says.");
  else if (!repaired) output.line("isthmus reconcile --repair mends what can be mended.");
}
