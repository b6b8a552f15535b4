import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { makePdf } from "../../../test/support/parser/make-pdf.ts";
import { failsWith } from "../../../test/support/parser/parse.ts";
import { createSandbox, type Sandbox } from "./sandbox.ts";
import type { SandboxItem, SandboxJob } from "./sandbox-protocol.ts";

const open: Sandbox[] = [];
after(() => Promise.all(open.map((sandbox) => sandbox.close())));
function sandboxWith(limits: Parameters<typeof createSandbox>[0]): Sandbox {
  const sandbox = createSandbox(limits);
  open.push(sandbox);
  return sandbox;
}

const job = (html: string): SandboxJob => ({
  kind: "html",
  name: '"page.html"',
  fallbackTitle: "page",
  bytes: new TextEncoder().encode(html),
});
const textOf = ([parsed]: readonly SandboxItem[]) => (parsed?.kind === "document" ? parsed.text : undefined);
const quick = () => job("<p>quick");
// 28 MB of elements without text: some seconds of work, and little to hold.
const slow = () => job("<b></b>".repeat(4_000_000));

test("the event loop turns while a document is read, and the limit of CPU time ends it", async () => {
  const sandbox = sandboxWith({ workers: 1, cpuMs: 500 });
  let turns = 0;
  let done = false;
  const reading = sandbox.run(slow()).finally(() => {
    done = true;
  });
  const rejected = assert.rejects(
    reading,
    failsWith("parse_limit", /"page\.html".*HTML within 0\.5 seconds of CPU time/),
  );
  while (!done) {
    turns += 1;
    await nextTurn();
  }
  await rejected;
  assert.ok(turns > 100, `${turns} turns`);
  assert.equal(textOf(await sandbox.run(quick())), "quick");
});

test("too much memory ends the worker and nothing else", async () => {
  const sandbox = sandboxWith({ workers: 1, heapMegabytes: 24 });
  const huge = () => job("<p>x</p>".repeat(1_000_000));
  await assert.rejects(sandbox.run(huge()), failsWith("parse_limit", /24 MiB of memory/));
  assert.equal(textOf(await sandbox.run(quick())), "quick");
});

test("buffers outside the heap count as well", async () => {
  const sandbox = sandboxWith({ workers: 1, bufferMegabytes: 0 });
  await assert.rejects(sandbox.run(slow()), failsWith("parse_limit", /0 MiB of buffers/));
});

test("a signal ends a running job and takes a waiting one out of the queue", async () => {
  const sandbox = sandboxWith({ workers: 1 });
  const running = new AbortController();
  const waiting = new AbortController();
  const first = assert.rejects(sandbox.run(slow(), running.signal), failsWith("cancelled"));
  const second = assert.rejects(sandbox.run(quick(), waiting.signal), failsWith("cancelled"));
  const third = sandbox.run(quick());
  waiting.abort();
  await second;
  running.abort();
  await first;
  assert.equal(textOf(await third), "quick");
  await assert.rejects(sandbox.run(quick(), AbortSignal.abort()), failsWith("cancelled"));
});

test("many jobs share few workers and each gets its own answer", async () => {
  const sandbox = sandboxWith({ workers: 2 });
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
  const contents = await Promise.all(texts.map((text) => sandbox.run(job(`<p>${text}`))));
  assert.deepEqual(contents.map(textOf), texts);
});

test("close ends what is running and refuses what comes later", async () => {
  const sandbox = createSandbox({ workers: 1 });
  const running = assert.rejects(sandbox.run(slow()), failsWith("cancelled"));
  const queued = assert.rejects(sandbox.run(quick()), failsWith("cancelled"));
  await sandbox.close();
  await Promise.all([running, queued]);
  await assert.rejects(sandbox.run(quick()), failsWith("cancelled"));
});

test("a process can end without closing its sandbox, and its terminal stays clean", async () => {
  const module = JSON.stringify(new URL("./sandbox.ts", import.meta.url).href);
  // Cut off inside a stream: pdf.js recovers, and would print what it thinks of the file.
  const cut = JSON.stringify(
    makePdf([["Hello"]])
      .subarray(0, 500)
      .toString("latin1"),
  );
  const program = `
    const { createSandbox } = await import(${module});
    const sandbox = createSandbox();
    const job = { name: "x", fallbackTitle: "x" };
    const pdf = new Uint8Array(Buffer.from(${cut}, "latin1"));
    await sandbox.run({ ...job, kind: "pdf", bytes: pdf }).catch(() => undefined);
    const [parsed] = await sandbox.run({ ...job, kind: "html", bytes: new TextEncoder().encode("<p>hello") });
    process.stdout.write(parsed.text);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [code] = await once(child, "close");
  assert.deepEqual([code, output], [0, { stdout: "hello", stderr: "" }]);
});
