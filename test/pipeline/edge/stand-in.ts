// Stands where a cloud's or a cluster's own program would: records the call, refuses what the real one refuses, and answers as
// the test laid down. Started by the small scripts that edge.ts writes, with the program's name as its first argument.
import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lambda } from "./aws.ts";
import { type Call, parseCall, readFlagTable } from "./flags.ts";
import { passOn } from "./pass-on.ts";
import { storage } from "./storage.ts";

/** An answer to calls whose arguments, joined by spaces, contain `when`. The first one that is left counts. */
export interface Answer {
  readonly program: string;
  readonly when: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** How many calls it answers; default all. */
  readonly times?: number;
}

const edge = process.env["ISTHMUS_EDGE"] ?? "";
const [program = "", ...args] = process.argv.slice(2);

function fail(message: string, code = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** The first version is the file NAME, a later one NAME@VERSION. */
function secret({ command, flags, positional }: Call): boolean {
  if (command !== "secrets versions access") return false;
  const [version = ""] = positional;
  const name = `${flags["--secret"]}${version === "1" ? "" : `@${version}`}`;
  const file = join(edge, "secrets", name);
  if (!existsSync(file)) fail(`ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret Version [${name}] not found`);
  if (flags["--out-file"] === undefined) process.stdout.write(readFileSync(file));
  else copyFileSync(file, flags["--out-file"]);
  return true;
}

/** A tunnel to a server of the test's own, until it is killed. */
function portForward({ command }: Call): boolean {
  if (command !== "port-forward") return false;
  const port = readFileSync(join(edge, "forwarded-port"), "utf8").trim();
  process.stdout.write(`Forwarding from 127.0.0.1:${port} -> 8080\n`);
  setInterval(() => {}, 60_000);
  return true;
}

/** A pod's log is a file, whole once another beside it says so. */
async function logs({ command, positional }: Call): Promise<boolean> {
  const file = join(edge, "logs", (positional[0] ?? "").replace("pod/", ""));
  if (command !== "logs" || !existsSync(dirname(file))) return false;
  for (let shown = 0, whole = false; !whole; await sleep(100)) {
    whole = existsSync(`${file}.whole`);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    process.stdout.write(text.slice(shown));
    shown = text.length;
  }
  return true;
}

function answer(line: string): boolean {
  const answers: readonly Answer[] = JSON.parse(readFileSync(join(edge, "answers.json"), "utf8"));
  for (const [index, { program: of, when, times = Number.POSITIVE_INFINITY, ...given }] of answers.entries()) {
    if (of !== program || !line.includes(when)) continue;
    const file = join(edge, `answered-${index}`);
    const before = existsSync(file) ? readFileSync(file, "utf8").length : 0;
    if (before >= times) continue;
    appendFileSync(file, ".");
    process.stdout.write(given.stdout ?? "");
    process.stderr.write(given.stderr ?? "");
    process.exitCode = given.code ?? 0;
    return true;
  }
  return false;
}

const given = args.includes("-f") ? (args[args.indexOf("-f") + 1] ?? "") : "";
const input = args.includes("-") ? readFileSync(0, "utf8") : existsSync(given) ? readFileSync(given, "utf8") : "";
let call: Call;
try {
  call = parseCall(readFlagTable(), program, args);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), 2);
}
appendFileSync(join(edge, "calls.jsonl"), `${JSON.stringify({ ...call, input })}\n`);
if (program === "terraform" && call.flags["-out"] !== undefined) writeFileSync(call.flags["-out"], "a plan");
const line = args.join(" ");
const answered =
  answer(line) ||
  passOn(edge, call, input) ||
  (await storage(edge, call)) ||
  secret(call) ||
  portForward(call) ||
  (await logs(call)) ||
  lambda(edge, call);
if (!answered) fail(`the test has no answer for: ${program} ${line}`, 97);
