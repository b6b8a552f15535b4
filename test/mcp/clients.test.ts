import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createDesk, type Desk, root } from "../support/cli.ts";
import { type Revision, revisions } from "./not-applicable.ts";

interface Found {
  readonly results: readonly {
    readonly id: string;
    readonly title: string;
    readonly url: string;
    readonly text: string;
  }[];
}

interface Fetched {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly text: string;
}

describe("a client of the protocol's own SDK", () => {
  let desk: Desk;
  let url = "";
  before(async () => {
    desk = createDesk();
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
    desk.write("untitled.txt", "the porter keeps the spare key in the lodge");
    desk.write("people.csv", "name,born\nAda,1815\nGrace,1906\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
  });
  after(() => desk?.clear());

  /** What is called over either transport in either revision; the client holds each result to the schema that the tool declares. */
  async function uses(transport: Transport, revision: Revision): Promise<void> {
    const present = revision === "2026-07-28";
    const client = new Client(
      { name: "test", version: "1" },
      { versionNegotiation: { mode: present ? { pin: revision } : "legacy" } },
    );
    await client.connect(transport);
    try {
      assert.equal(client.getNegotiatedProtocolVersion(), revision);
      assert.match(client.getInstructions() ?? "", /Cite `url`/);
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map(({ name }) => name).sort(), ["answer", "fetch", "search"]);
      for (const { outputSchema, annotations } of tools) {
        assert.equal(outputSchema?.["type"], "object");
        assert.equal(annotations?.readOnlyHint, true);
      }
      for (const query of ["how long are backups kept?", "the porter's spare key", "Grace"]) {
        const searched = await client.callTool({ name: "search", arguments: { query, k: 3 } });
        const { results } = searched.structuredContent as unknown as Found;
        assert.ok(results.length > 0);
        for (const { id, title, url: cited, text } of results) {
          for (const value of [id, title, cited, text]) assert.notEqual(value.trim(), "", `${query}: ${cited}`);
          assert.match(cited, /^file:\/\/\//);
          const fetched = await client.callTool({ name: "fetch", arguments: { id } });
          const read = fetched.structuredContent as unknown as Fetched;
          assert.ok(read.text.includes(text.split("\n")[0] ?? ""), "what was found is in what is read");
          assert.deepEqual([read.url, read.id, read.title === ""], [cited, id, false]);
          assert.deepEqual(JSON.parse((fetched.content[0] as { text: string }).text), read, "as text too");
        }
      }
      const answered = await client.callTool({ name: "answer", arguments: { question: "how long are backups kept?" } });
      assert.match(String((answered.structuredContent as { answer: string }).answer), /30 days/);
      const nowhere = await client.callTool({ name: "fetch", arguments: { id: "file:///nowhere" } });
      assert.equal(nowhere.isError, true);
      const { resources } = await client.listResources();
      assert.equal(resources.length, 3);
      for (const { uri, name } of resources) {
        assert.notEqual(name, "");
        const { contents } = await client.readResource({ uri });
        assert.equal(contents[0]?.uri, uri);
        assert.notEqual((contents[0] as { text?: string }).text, "");
      }
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.deepEqual(
        resourceTemplates.map(({ uriTemplate }) => uriTemplate),
        ["isthmus://documents/{uri}"],
      );
      await assert.rejects(client.readResource({ uri: "isthmus://documents/file%3A%2F%2F%2Fnowhere" }));
    } finally {
      await client.close();
    }
  }

  for (const revision of revisions) {
    test(`uses all there is, in revision ${revision}, over HTTP`, () =>
      uses(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)), revision));

    test(`uses all there is, in revision ${revision}, over stdio`, () =>
      uses(
        new StdioClientTransport({
          command: process.execPath,
          args: ["--disable-warning=ExperimentalWarning", join(root, "src/entry/cli.ts"), "mcp"],
          env: Object.fromEntries(
            Object.entries(desk.environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
          ),
          cwd: desk.folder,
        }),
        revision,
      ));
  }

  test("finds the present revision by itself, and the one before is what others get", async () => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
    assert.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
    await client.close();
    const older = new Client({ name: "test", version: "1" });
    await older.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
    assert.equal(older.getNegotiatedProtocolVersion(), "2025-11-25");
    await older.close();
  });
});
