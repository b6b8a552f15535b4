import { type Allowed, allowHeld } from "../../compose/held.ts";
import { namedIn } from "../../compose/location.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Holds } from "../../core/ports.ts";
import type { HeldDeletion } from "../../core/types.ts";
import { closingAll } from "../closing.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptedExitCode, interruptible } from "../terminal/interrupt.ts";
import { count, type Output, readable, visible } from "../terminal/output.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

const actions = ["list", "allow", "drop"] as const;
/** Shown unasked; `--json` has them all. */
const told = 20;

export const heldCommand: Command = {
  name: "held",
  summary: "list deletions that were refused and set aside, and allow or drop them",
  usage: "held <list | allow | drop> [path or URI prefix | --all] [options]",
  options: { ...storeOption, all: { type: "boolean" } },
  optionHelp: { ...storeHelp, all: "allow or drop all of them" },
  examples: ["isthmus held list", "isthmus held allow gs://my-bucket/old/", "isthmus held drop --all"],
  positionals: [1, 2],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const [name, location] = positionals;
  const action = actions.find((candidate) => candidate === name);
  if (action === undefined) {
    const text = `isthmus held knows ${actions.join(", ")}, and not ${JSON.stringify(name)}; see isthmus held --help.`;
    throw new IsthmusError("config_invalid", text);
  }
  if (action !== "list" && (location === undefined) !== flagOption(invocation, "all")) {
    throw new IsthmusError("config_invalid", `Name what to ${action}: a path or a URI prefix, or --all.`);
  }
  const settings = settingsOf(invocation);
  const goesOn = "Stopping; what was settled stays settled, and the same command goes on.";
  return await interruptible(output, goesOn, (signal) =>
    closingAll(async (closing) => {
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const { identity } = runtime.embedder;
      // By reading alone at first: where there is no index yet, none is made.
      const reader = await runtime.store.openReader(identity, signal);
      closing.add(() => reader.close());
      const prefix = location === undefined ? "" : (await namedIn(reader, location)).uri;
      const held = await collect(reader, prefix, signal);
      if (action === "list") return list(output, held);
      const writer = await runtime.store.openWriter(identity, signal);
      closing.add(() => writer.close());
      if (action === "drop") {
        for (let from = 0; from < held.length; from += 500) {
          await writer.release(
            held.slice(from, from + 500).map(({ uri }) => uri),
            signal,
          );
        }
        output.data({ dropped: held.length });
        output.line(
          `Dropped ${count(held.length, "held deletion")}: the documents stay until they are found gone again.`,
        );
        return 0;
      }
      const allowed = await allowHeld(writer, held, settings, signal);
      tellAllowed(output, allowed);
      return signal.aborted ? interruptedExitCode : allowed.unknown.length > 0 ? 2 : 0;
    }),
  );
}

async function collect(reader: Holds, prefix: string, signal: AbortSignal): Promise<HeldDeletion[]> {
  const held: HeldDeletion[] = [];
  for await (const deletion of reader.held(prefix, signal)) held.push(deletion);
  return held;
}

function list(output: Output, held: readonly HeldDeletion[]): number {
  output.data({ held: held.map(({ uri, heldAt, scope, reason }) => ({ uri, held_at: heldAt, scope, reason })) });
  output.line(`${count(held.length, "deletion")} held.`);
  for (const reason of new Set(held.map((deletion) => deletion.reason))) {
    output.line(`  ${visible(reason)}`);
    const group = held.filter((deletion) => deletion.reason === reason);
    for (const { uri, heldAt } of group.slice(0, told))
      output.line(`    ${readable(uri)}  ${output.style("dim", heldAt)}`);
    if (group.length > told) output.line(`    … and ${group.length - told} more: isthmus held list --json`);
  }
  return 0;
}

function tellAllowed(output: Output, { removed, kept, unknown }: Allowed): void {
  output.data({ removed, kept, unknown: unknown.map(({ uri, error }) => ({ uri, code: error.code })) });
  output.line(`Removed ${count(removed, "document")}.`);
  if (kept > 0) output.line(`Kept ${count(kept, "document")}: in the source again.`);
  for (const { uri, error } of unknown.slice(0, told))
    output.note(`isthmus: ${readable(uri)} stays held: ${error.message}`);
}
