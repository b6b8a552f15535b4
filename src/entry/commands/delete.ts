import { openIngestEngine } from "../../compose/ingest-engine.ts";
import { type Named, namedIn } from "../../compose/location.ts";
import type { Runtime } from "../../compose/runtime.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Manifest } from "../../core/ports.ts";
import { closingAll } from "../closing.ts";
import type { Command, Invocation } from "../command.ts";
import { interruptedExitCode, interruptible } from "../terminal/interrupt.ts";
import { count, readable } from "../terminal/output.ts";
import { overridingFlag, runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

/** More documents than this are removed on request only. */
const removedUnasked = 20;

export const deleteCommand: Command = {
  name: "delete",
  summary: "remove documents from the index",
  usage: "delete <path or URI…> [options]",
  options: { ...storeOption, "allow-mass-delete": { type: "boolean" } },
  optionHelp: { ...storeHelp, "allow-mass-delete": "remove more than 20 documents at once" },
  examples: ["isthmus delete ./my-docs/old.pdf", "isthmus delete ./my-docs/archive/ --allow-mass-delete"],
  positionals: [1, Number.POSITIVE_INFINITY],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation, {
    ISTHMUS_ALLOW_MASS_DELETE: overridingFlag(invocation, "allow-mass-delete"),
  });
  return await interruptible(
    invocation.output,
    "Stopping; what was removed stays removed, and the same command removes the rest.",
    async (signal) => {
      const runtime = await runtimeOf(invocation, settings, signal);
      return await removeAll(invocation, runtime, signal).finally(() => runtime.close());
    },
  );
}

async function removeAll({ output, positionals }: Invocation, runtime: Runtime, signal: AbortSignal): Promise<number> {
  return await closingAll(async (closing) => {
    // By reading alone: where there is no index yet, none is made.
    const reader = await runtime.store.openReader(runtime.embedder.identity);
    closing.add(() => reader.close());
    const named = await Promise.all(positionals.map((location) => namedIn(reader, location)));
    await guard(reader, named, runtime.settings.allowMassDelete);
    const engine = await openIngestEngine(runtime);
    closing.add(() => engine.close());
    const removed: { uri: string; removed: number }[] = [];
    for (const [index, scope] of named.entries()) {
      const summary = await engine.remove(removable(scope), { allowMassDelete: true, signal });
      removed.push({ uri: scope.uri, removed: summary.removed });
      output.line(
        summary.removed === 0
          ? `Nothing in the index under ${readable(positionals[index] ?? scope.uri)}.`
          : `Removed ${count(summary.removed, "document")} under ${readable(scope.uri)}.`,
      );
      if (signal.aborted) break;
    }
    output.data({ removed, interrupted: signal.aborted });
    if (signal.aborted) return interruptedExitCode;
    if (removed.some((item) => item.removed > 0)) {
      output.line("A file that still lies in its folder comes back with the next ingest of the folder.");
    }
    return 0;
  });
}

/** The store removes one URI or what is under a slash, never what happens to begin alike. */
function removable({ uri, exact }: Named): string {
  return exact || uri.endsWith("/") ? uri : `${uri}/`;
}

/** Counts all of it before anything is removed. @throws `mass_delete_refused` */
async function guard(manifest: Manifest, named: readonly Named[], allowed: boolean): Promise<void> {
  if (allowed) return;
  const scopes = [...new Set(named.map(removable))];
  let documents = 0;
  for (const scope of scopes) {
    const within = scopes.some((other) => other !== scope && other.endsWith("/") && scope.startsWith(other));
    if (!within) documents += scope.endsWith("/") ? (await manifest.count(scope)).documents : 1;
  }
  if (documents <= removedUnasked) return;
  throw new IsthmusError(
    "mass_delete_refused",
    `${count(documents, "document")} would be removed; none was. If that is right, run again with --allow-mass-delete.`,
  );
}
