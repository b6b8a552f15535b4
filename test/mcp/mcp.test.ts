import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { createDesk, type Desk, root, track } from "../support/cli.ts";

/** The revision before, which is negotiated; the present one has no handshake. */
const before2026 = "2025-11-25";
interface Reply {
  readonly id: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

type Call = (method: string, parameters?: object) => Promise<Reply>;

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
}

function listOf<Item>(value: unknown): Item[] {
  assert.ok(Array.isArray(value));
  return value;
}

describe("assistants", () => {
  let desk: Desk;
  let url = "";
  before(async () => {
    desk = createDesk();
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
    desk.write("people.csv", "name,born\nAda,1815\nGrace,1906\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
  });
  after(() => desk?.clear());

  const overHttp: Call = async (method, params = {}) => {
    const response = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": before2026,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const text = await response.text();
    return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Reply;
  };

  async function callTool(call: Call, name: string, given: object): Promise<ToolResult> {
    const { result, error } = await call("tools/call", { name, arguments: given });
    assert.equal(error, undefined, JSON.stringify(error));
    return result as unknown as ToolResult;
  }

  /** What every assistant does: looks what there is, searches, reads on, asks. */
  async function servesAssistants(call: Call): Promise<void> {
    const { result: list } = await call("tools/list");
    const tools = listOf<{ name: string; inputSchema: object; outputSchema: object }>(list?.["tools"]);
    assert.deepEqual(tools.map(({ name }) => name).sort(), ["answer", "fetch", "search"]);
    for (const { inputSchema, outputSchema } of tools) assert.ok(inputSchema && outputSchema);
    const searched = await callTool(call, "search", { query: "how long are backups kept?", k: 1 });
    const [hit] = listOf<{ id: string; title: string; url: string; text: string }>(
      searched.structuredContent?.["results"],
    );
    assert.equal(hit?.title, "Backups");
    assert.match(hit?.url ?? "", /^file:\/\/.*backups\.md$/);
    assert.match(hit?.text ?? "", /30 days/);
    assert.deepEqual(JSON.parse(searched.content[0]?.text ?? ""), searched.structuredContent, "as text too");
    const read = await callTool(call, "fetch", { id: hit?.id });
    assert.match(String(read.structuredContent?.["text"]), /They lie in another region\./);
    assert.equal(read.structuredContent?.["url"], hit?.url);
    const record = await callTool(call, "search", {
      query: "Grace",
      k: 1,
      prefix: hit?.url.replace("backups.md", "people"),
    });
    const [row] = listOf<{ id: string; url: string }>(record.structuredContent?.["results"]);
    assert.match(row?.url ?? "", /people\.csv#2$/);
    assert.match(String((await callTool(call, "fetch", { id: row?.id })).structuredContent?.["text"]), /Grace/);
    const answered = await callTool(call, "answer", { question: "how long are backups kept?" });
    assert.match(String(answered.structuredContent?.["answer"]), /30 days/);
    const nothing = await callTool(call, "fetch", { id: "file:///nowhere" });
    assert.equal(nothing.isError, true);
    assert.match(nothing.content[0]?.text ?? "", /no document of this id/);
    const { result: resources } = await call("resources/list");
    const [first] = listOf<{ uri: string; name: string }>(resources?.["resources"]);
    assert.equal(first?.name, "Backups");
    const { result: contents } = await call("resources/read", { uri: first?.uri });
    assert.match(listOf<{ text: string }>(contents?.["contents"])[0]?.text ?? "", /30 days/);
  }

  test("over HTTP, without a session", () => servesAssistants(overHttp));

  test("over stdio, until the pipe is closed", async () => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(root, "src/entry/cli.ts"), "mcp"],
      { env: desk.environment, cwd: desk.folder },
    );
    const { ended } = track(child);
    const waiting = new Map<number, (reply: Reply) => void>();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const reply = JSON.parse(line) as Reply;
      waiting.get(reply.id)?.(reply);
    });
    let id = 0;
    const call: Call = (method, params = {}) =>
      new Promise((resolve) => {
        id++;
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
      });
    const clientInfo = { name: "test", version: "1" };
    const { result } = await call("initialize", { protocolVersion: before2026, capabilities: {}, clientInfo });
    assert.equal(result?.["protocolVersion"], before2026);
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
    await servesAssistants(call);
    child.stdin.end();
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
  });

  /** What comes of messages that are all there before the pipe is closed. */
  async function piped(
    messages: readonly object[],
  ): Promise<{ replies: Reply[]; code: number | null; stderr: string }> {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(root, "src/entry/cli.ts"), "mcp"],
      { env: desk.environment, cwd: desk.folder },
    );
    const { ended } = track(child);
    child.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
    const { code, stdout, stderr } = await ended;
    const lines = stdout.split("\n").filter((line) => line !== "");
    const replies = lines.map((line) => JSON.parse(line) as Reply).filter(({ id }) => id !== undefined);
    return { replies: replies.sort((one, other) => one.id - other.id), code, stderr };
  }

  const ask = (id: number, name: string, given: object, more: object = {}) => ({
    id,
    method: "tools/call",
    params: { name, arguments: given, ...more },
  });

  test("what was asked before the pipe was closed is answered; what was called back is not waited for", async () => {
    const clientInfo = { name: "test", version: "1" };
    const { replies, code, stderr } = await piped([
      { id: 1, method: "initialize", params: { protocolVersion: before2026, capabilities: {}, clientInfo } },
      { method: "notifications/initialized" },
      ask(2, "search", { query: "how long are backups kept?" }),
      ask(3, "answer", { question: "how long are backups kept?" }),
      ask(4, "answer", { question: "where do backups lie?" }),
      { method: "notifications/cancelled", params: { requestId: 4 } },
      ask(5, "search", { query: "Grace" }),
    ]);
    assert.deepEqual(
      replies.filter(({ id }) => id !== 4).map(({ id, error }) => [id, error]),
      [1, 2, 3, 5].map((id) => [id, undefined]),
      stderr,
    );
    assert.match(JSON.stringify(replies.find(({ id }) => id === 3)), /30 days/);
    assert.equal(code, 0, stderr);
  });

  test("what ends with the connection alone is not waited for", async () => {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const { replies, code, stderr } = await piped([
      { id: 1, method: "subscriptions/listen", params: { notifications: { toolsListChanged: true }, _meta } },
      ask(2, "search", { query: "how long are backups kept?" }, { _meta }),
    ]);
    assert.match(JSON.stringify(replies.find(({ id }) => id === 2)), /30 days/, stderr);
    assert.ok(!replies.some(({ error }) => error !== undefined), JSON.stringify(replies));
    assert.equal(code, 0, stderr);
  });

  test("a call over HTTP is bounded and keyed as all others are", async () => {
    const foreign = await fetch(`${url}/mcp`, { method: "POST", headers: { origin: "https://evil.example" } });
    assert.equal(foreign.status, 403);
    const get = await fetch(`${url}/mcp`);
    assert.equal(get.status, 405);
    const large = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: " ".repeat(70_000),
    });
    assert.equal(large.status, 413);
  });
});
