import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mcpRoute } from "../http/mcp/route.ts";
import { readProblem, serveFake } from "./server-testing.ts";

describe("keys of /mcp", () => {
  const call = (url: string, method: string, headers: Record<string, string>) =>
    fetch(`${url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: {} }),
    });
  const toolsOf = async (response: Response) => {
    assert.equal(response.status, 200);
    const text = await response.text();
    const { result } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as { result: { tools: { name: string }[] } };
    return result.tools.map(({ name }) => name).sort();
  };

  it("are asked for, before anything is read or loaded", async () => {
    await using server = await serveFake({}, { mcp: mcpRoute, apiKeys: ["reads"], writeKeys: ["writes"] });
    for (const headers of [{}, { "x-api-key": "wrong" }, { authorization: "Bearer wrong" }, { "x-api-key": "" }]) {
      const refused = await call(server.url, "tools/list", headers);
      assert.equal(refused.status, 401);
      assert.equal((await readProblem(refused)).code, "unauthenticated");
      assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer realm="isthmus"/);
    }
  });

  it("may be sent either way, and none gives an assistant more than to search and read", async () => {
    await using server = await serveFake({}, { mcp: mcpRoute, apiKeys: ["reads"], writeKeys: ["writes"] });
    await using open = await serveFake({}, { mcp: mcpRoute });
    const tools = await toolsOf(await call(open.url, "tools/list", {}));
    assert.deepEqual(
      tools.filter((name) => !["answer", "fetch", "search"].includes(name)),
      [],
    );
    for (const headers of [{ "x-api-key": "reads" }, { authorization: "Bearer reads" }, { "x-api-key": "writes" }]) {
      assert.deepEqual(await toolsOf(await call(server.url, "tools/list", headers)), tools);
    }
  });
});
