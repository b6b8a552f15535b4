import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, type TestContext, test } from "node:test";
import { createDesk, type Desk, root, track } from "../support/cli.ts";
import { checksNotApplicable, notApplicable, ofHttpAlone, type Revision, revisions } from "./not-applicable.ts";

const conformance = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
);

/** The suite's scenarios for servers, with the revisions that each is about. */
async function scenariosThere(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await track(spawn(process.execPath, [conformance, "list"])).ended;
  const [, servers = ""] = /Server scenarios[^\n]*\n(.*?)\n\n/s.exec(stdout) ?? [];
  const lines = [...servers.matchAll(/- (\S+) \[([^\]]*)\]/g)];
  return new Map(lines.map(([, name = "", tags = ""]) => [name, tags.split(",")]));
}

const there = await scenariosThere();
const applying = (revision: Revision) =>
  [...there].filter(([name, tags]) => tags.includes(revision) && !(name in notApplicable)).map(([name]) => name);

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

describe("the protocol's own suite", () => {
  let desk: Desk;
  let url = "";
  before(async () => {
    desk = createDesk();
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
  });
  after(() => desk?.clear());

  /** Runs one scenario, and holds every check of it that is about this server. */
  async function passes(address: string, revision: Revision, scenario: string): Promise<void> {
    const results = join(desk.folder, `${new URL(address).port}-${revision}-${scenario}`);
    const args = [
      "server",
      "--url",
      `${address}/mcp`,
      "--scenario",
      scenario,
      "--spec-version",
      revision,
      "-o",
      results,
    ];
    // Not waited for at one stroke: a connection that the server closes meanwhile must be seen to close.
    const { stdout, stderr } = await track(spawn(process.execPath, [conformance, ...args], { cwd: desk.folder })).ended;
    const [file] = globSync(join(results, "*", "checks.json"));
    assert.ok(file, `${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
    const checks = JSON.parse(readFileSync(file, "utf8")) as Check[];
    assert.ok(
      checks.some(({ status }) => status === "SUCCESS"),
      `${scenario} checks nothing`,
    );
    const failed = checks.filter(({ id, status }) => status === "FAILURE" && !(id in checksNotApplicable));
    assert.deepEqual(
      failed.map(({ id, errorMessage }) => `${id}: ${errorMessage}`),
      [],
    );
  }

  test("knows no scenario that is neither run nor listed with its reason, and each that is listed", () => {
    assert.ok(there.size > 30, `${there.size} scenarios`);
    const known = [...revisions.flatMap(applying), ...Object.keys(notApplicable)];
    const served = [...there].filter(([, tags]) => tags.some((tag) => [...revisions, "extension"].includes(tag)));
    assert.deepEqual([...new Set(known)].sort(), served.map(([name]) => name).sort());
  });

  for (const revision of revisions) {
    for (const scenario of applying(revision)) {
      test(`${revision} over HTTP: ${scenario}`, () => passes(url, revision, scenario));
    }
  }

  for (const revision of revisions) {
    test(`${revision} over stdio`, async (context) => {
      const address = await bridge(context, desk);
      const scenarios = applying(revision).filter((scenario) => !ofHttpAlone.includes(scenario));
      assert.ok(scenarios.length >= 4);
      for (const scenario of scenarios) {
        await context.test(scenario, () => passes(address, revision, scenario));
      }
    });
  }
});

/** The suite speaks HTTP alone: what it sends goes to `isthmus mcp` by the pipe, and what comes back to the suite, message by message. */
async function bridge(context: TestContext, desk: Desk): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(root, "src/entry/cli.ts"), "mcp"],
    { env: desk.environment, cwd: desk.folder },
  );
  const { ended } = track(child);
  const waiting = new Map<number, (reply: { readonly id: number }) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply = JSON.parse(line) as { readonly id: number };
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  let sent = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      if (request.method !== "POST") return void response.writeHead(405).end();
      const message = JSON.parse(body) as { readonly id?: unknown };
      if (message.id === undefined) {
        child.stdin.write(`${JSON.stringify(message)}\n`);
        return void response.writeHead(202).end();
      }
      // Each of the suite's connections counts from the same number; one pipe may have each number once.
      const id = ++sent;
      waiting.set(id, (reply) => {
        response.setHeader("content-type", "application/json").end(JSON.stringify({ ...reply, id: message.id }));
      });
      child.stdin.write(`${JSON.stringify({ ...message, id })}\n`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.close();
    server.closeAllConnections();
    child.stdin.end();
    await ended;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
