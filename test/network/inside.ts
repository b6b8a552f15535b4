// Runs inside a network namespace that has loopback and nothing else (nothing-leaves.test.ts starts it): each program of the project
// under strace, beside real peers. Prints what was observed, as JSON.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleIngestJob } from "../../scripts/bundle/ingestion.ts";
import { root } from "../../scripts/run.ts";
import { startFakeGcs } from "../peers/fake-gcs.ts";
import { ask, startDeployment } from "../support/lambda/deployment.ts";
import { makeDocx } from "../support/parser/make-docx.ts";
import { makePdf } from "../support/parser/make-pdf.ts";
import { type Observed, readTrace, traced } from "./traced.ts";

/** One program's run. */
export interface Scenario extends Observed {
  readonly name: string;
  /** What it ended or answered with: a run that failed proves nothing. */
  readonly outcome: string;
}

const [scratch = ""] = process.argv.slice(2);
const scenarios: Scenario[] = [];

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; said: string }>;
  observed(): Observed;
}

/** A place of its own for one program, and an environment that has nothing of this process: CI=true alone keeps onnxruntime quiet. */
function placeFor(name: string, data = name) {
  const folder = join(scratch, name);
  const home = join(folder, "home");
  const temporary = join(folder, "tmp");
  for (const made of [home, temporary]) mkdirSync(made, { recursive: true });
  const trace = join(scratch, `${name}.trace`);
  writeFileSync(trace, ""); // strace takes a moment before it makes it.
  // A clone keeps what Node made of its TypeScript.
  const allowed = [join(scratch, data, "data"), temporary, join(root, "node_modules/.cache")];
  return {
    folder,
    trace,
    environment: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: home,
      TMPDIR: temporary,
      ISTHMUS_DATA_DIR: join(scratch, data, "data"),
      PORT: "0",
    },
    observed: () => readTrace(trace, home, allowed),
  };
}

/** @param data whose data folder it works on; its own where none is named. */
function start(
  name: string,
  command: readonly string[],
  added: Readonly<Record<string, string>> = {},
  data = name,
): Program {
  const { folder, trace, environment, observed } = placeFor(name, data);
  const [program, ...parameters] = traced(trace, command);
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { ...environment, ...added },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a signal to strace alone would leave what it traces alive.
    detached: true,
  });
  started.add(child);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, "close").then(async ([code]) => ({ code, said: (await said).join("\n") }));
  return { child, ended, observed };
}

const started = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) stop(child, "SIGKILL");
});

function stop({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

/** Runs a program to its end. */
async function run(
  name: string,
  command: readonly string[],
  added: Readonly<Record<string, string>> = {},
  data = name,
): Promise<void> {
  const { ended, observed } = start(name, command, added, data);
  const { code, said } = await ended;
  scenarios.push({ name, outcome: code === 0 ? "0" : `${code}: ${said}`, ...observed() });
}

const cli = (...words: string[]) => [execPath, join(root, "bin/isthmus.mjs"), ...words];
const documents = join(scratch, "documents");

async function writeDocuments(): Promise<void> {
  mkdirSync(documents, { recursive: true });
  const files = {
    "a.txt": "Whales breathe air at the surface.",
    "b.md": "# Bees\n\nBees make honey, see https://example.org/bees.",
    "c.html": '<html><body><img src="https://example.org/a.png"><p>Owls hunt at night.</p></body></html>',
    "d.csv": "id,text\n1,Foxes dig\n",
    "e.jsonl": '{"id":"1","text":"Otters swim."}\n',
    "f.pdf": makePdf([["Herons stand still."]]),
    "g.docx": await makeDocx([{ text: "Newts live in ponds." }]),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(documents, name), content);
}

/** A program of somebody else that imports the package. */
const library = `
  const { openRuntime, parseSettings } = await import("${join(root, "src/index.ts")}");
  const runtime = await openRuntime(parseSettings(process.env));
  const [vector] = await runtime.embedder.embed(["Whales breathe air."]);
  await runtime.close();
  if (vector.length !== 384) throw new Error("no vector");`;

/** onnxruntime as it is by default. Proves that what is looked for would be seen, and tells when it would have been. */
async function control(): Promise<void> {
  const program = `
    const ort = require("onnxruntime-node");
    const bytes = require("node:fs").readFileSync("${join(root, "models/all-MiniLM-L6-v2/model_int8.onnx")}");
    ort.InferenceSession.create(bytes).then(() => setInterval(() => {}, 1000));`;
  const { child, ended, observed } = start("control", [execPath, "-e", program], {
    NODE_PATH: join(root, "node_modules"),
  });
  while (child.exitCode === null && observed().lookups.length === 0) await sleep(250);
  stop(child, "SIGKILL");
  await ended;
  scenarios.push({ name: "control", outcome: "0", ...observed() });
}

/** Serves, answers, and goes on for as long as the control takes to look a name up. */
async function serve(): Promise<void> {
  const { child, ended, observed } = start("start", cli("start", documents));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => (said += piece));
  let url: string | undefined;
  while (url === undefined && child.exitCode === null) {
    await sleep(100);
    url = /serves (http:\S+);[\s\S]*Indexed: /.exec(said)?.[1];
  }
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "what do owls do?" }),
  });
  const answer = await response.text();
  await control();
  stop(child, "SIGTERM");
  await ended;
  scenarios.push({ name: "start", outcome: `${response.status} ${answer.includes("Owls hunt")}`, ...observed() });
}

async function job(): Promise<void> {
  const folder = join(scratch, "bundle");
  await bundleIngestJob(process.arch === "arm64" ? "arm64" : "x64", folder);
  const gcs = await startFakeGcs();
  try {
    await gcs.createBucket("papers");
    await gcs.upload("papers", "a.txt", "Whales breathe air at the surface.");
    await gcs.upload("papers", "b.pdf", makePdf([["Herons stand still."]]));
    await run("job", [execPath, join(folder, "ingest-job.mjs")], {
      ISTHMUS_STORE: "sqlite",
      STORAGE_EMULATOR_HOST: gcs.url,
      GCS_BUCKET_NAME: "papers",
    });
  } finally {
    await gcs.stop();
  }
}

async function queryFunction(): Promise<void> {
  const deployment = await startDeployment(documents);
  try {
    const { trace, environment, observed } = placeFor("function");
    const runtime = join(root, "test/support/lambda/runtime.mjs");
    const { PATH: _, ...own } = environment;
    const container = await deployment.container({
      environment: own,
      command: traced(trace, [execPath, runtime]),
      initMs: 120_000,
      timeoutMs: 120_000,
    });
    const { status, json } = await ask(container, "what do owls do?");
    await container.stop();
    const found = JSON.stringify(json).includes("Owls hunt");
    scenarios.push({ name: "function", outcome: `${status} ${found}`, ...observed() });
  } finally {
    await deployment.stop();
  }
}

await writeDocuments();
await run("ingest", cli("ingest", documents));
await run("query", cli("query", "what do owls do?"), {}, "ingest");
await run("library", [execPath, "--disable-warning=ExperimentalWarning", "-e", library]);
await job();
await queryFunction();
await serve();
process.stdout.write(`${JSON.stringify(scenarios)}\n`);
