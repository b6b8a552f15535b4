import {
  type DeadLetter,
  dropDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  type Wanted,
} from "../../compose/dead-letters.ts";
import { toUri } from "../../compose/location.ts";
import { parseEventPlaces } from "../../config/events.ts";
import { IsthmusError } from "../../core/errors.ts";
import { inScope } from "../../core/ingest/scope.ts";
import { type Command, flagOption, type Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { count, readable } from "../terminal/output.ts";
import { overriding, settingsOverrides } from "./shared.ts";

const actions = ["list", "replay", "drop"] as const;
const listed = 1_000;
const told = 20;

export const deadLettersCommand: Command = {
  name: "dead-letters",
  summary: "list events that could not be handled, and replay or drop them",
  usage: "dead-letters <list | replay | drop> [gs://… | --all] [options]",
  options: { subscription: { type: "string" }, topic: { type: "string" }, all: { type: "boolean" } },
  optionHelp: {
    subscription: "that of the dead letters, projects/PROJECT/subscriptions/NAME (ISTHMUS_DEAD_LETTERS)",
    topic: "where they are replayed to, projects/PROJECT/topics/NAME (ISTHMUS_TOPIC)",
    all: "replay or drop all of them",
  },
  examples: [
    "isthmus dead-letters list --subscription projects/my-project/subscriptions/my-docs-dead-letters",
    "isthmus dead-letters replay gs://my-docs/handbook/",
  ],
  positionals: [1, 2],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const [name, location] = positionals;
  const action = actions.find((candidate) => candidate === name);
  if (action === undefined) {
    const text = `isthmus dead-letters knows ${actions.join(", ")}, and not ${JSON.stringify(name)}; see isthmus dead-letters --help.`;
    throw new IsthmusError("config_invalid", text);
  }
  if (action !== "list" && (location === undefined) !== flagOption(invocation, "all")) {
    throw new IsthmusError("config_invalid", `Name what to ${action}: an object or a prefix (gs://…), or --all.`);
  }
  const { environment, names } = settingsOverrides(invocation, {
    ISTHMUS_DEAD_LETTERS: overriding(invocation, "subscription"),
    ISTHMUS_TOPIC: overriding(invocation, "topic"),
  });
  const needed =
    action === "replay" ? (["ISTHMUS_DEAD_LETTERS", "ISTHMUS_TOPIC"] as const) : (["ISTHMUS_DEAD_LETTERS"] as const);
  const { deadLetters = "", topic = "", emulator } = parseEventPlaces(environment, names, needed);
  const places = { deadLetters, topic, emulator };
  const scope = location === undefined ? undefined : toUri(location);
  const wanted: Wanted = ({ uri }) => scope === undefined || (uri !== undefined && inScope(uri, scope));
  return await interruptible(output, "Stopping; what is not done goes back.", async (signal) => {
    switch (action) {
      case "list": {
        const letters = await listDeadLetters(places, wanted, listed, signal);
        output.data({ dead_letters: letters.map(asJson), more: letters.length >= listed });
        const most = letters.length >= listed ? " at least" : "";
        output.line(`${count(letters.length, "dead letter")}${most}.`);
        for (const letter of letters.slice(0, told)) output.line(`  ${lineOf(letter)}`);
        if (letters.length > told) output.line(`  … and ${letters.length - told} more: --json`);
        return 0;
      }
      case "replay": {
        const replayed = await replayDeadLetters(places, wanted, signal);
        output.data({ replayed });
        output.line(`Replayed ${count(replayed, "dead letter")}: workers take them up now.`);
        return 0;
      }
      case "drop": {
        const dropped = await dropDeadLetters(places, wanted, signal);
        output.data({ dropped });
        output.line(
          `Dropped ${count(dropped, "dead letter")}; isthmus reconcile finds what they were of, if it matters.`,
        );
        return 0;
      }
    }
  });
}

function lineOf({ uri, event, at, deliveries }: DeadLetter): string {
  const tried = deliveries === undefined ? "" : `, delivered ${deliveries} times`;
  return `${uri === undefined ? "(no notification of Cloud Storage)" : readable(uri)}  ${event || "no event"}, since ${at}${tried}`;
}

function asJson({ id, uri, event, generation, at, deliveries }: DeadLetter) {
  return { id, uri: uri ?? null, event, generation: generation ?? null, at, deliveries: deliveries ?? null };
}
