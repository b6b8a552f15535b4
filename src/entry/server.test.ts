import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "../http/app.ts";
import { createFakeEngine, fakeResult } from "../http/fake-engine.ts";
import { startServer } from "./server.ts";
import { gate, sendRaw, serveFake } from "./server-testing.ts";

const body = '{"query":"a"}';
const host = "Host: localhost\r\n";
const json = "Content-Type: application/json\r\n";

function statuses(received: string): string[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status ?? "");
}

describe("requests as they come off the wire", () => {
  for (const [name, bytes, status, code] of [
    ["no Host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", "400", "bad_request"],
    ["two Hosts", `GET /healthz HTTP/1.1\r\n${host}${host}Connection: close\r\n\r\n`, "400", "bad_request"],
    ["a Host that is none", "GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", "400", "bad_request"],
    ["an empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "400", "bad_request"],
    ["HTTP/1.0 without a Host", "GET /healthz HTTP/1.0\r\n\r\n", "400", "bad_request"],
    ["no HTTP", "hello\r\n\r\n", "400", "bad_request"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400", "bad_request"],
    ["a target that is no path", `GET nowhere HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, "400", "bad_request"],
    ["the target *", `OPTIONS * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, "400", "bad_request"],
    ["a huge header", `GET /healthz HTTP/1.1\r\n${host}X: ${"a".repeat(20_000)}\r\n\r\n`, "431", "headers_too_large"],
    [
      "a Content-Length that is no number",
      `POST /query HTTP/1.1\r\n${host}${json}Content-Length: x\r\n\r\n${body}`,
      "400",
      "bad_request",
    ],
    [
      "a Content-Length beside chunks",
      `POST /query HTTP/1.1\r\n${host}${json}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      "400",
      "bad_request",
    ],
    [
      "a chunk that is none",
      `POST /query HTTP/1.1\r\n${host}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      "400",
      "bad_request",
    ],
    [
      "a Content-Length over the limit, before its body",
      `POST /query HTTP/1.1\r\n${host}${json}Connection: close\r\nContent-Length: 65537\r\n\r\n`,
      "413",
      "body_too_large",
    ],
  ] as const) {
    it(`answers ${status} to ${name}`, async () => {
      await using server = await serveFake();
      const received = await sendRaw(server.port, Buffer.from(bytes, "latin1"));
      assert.deepEqual(statuses(received), [status], received);
      assert.match(received, /content-type: application\/problem\+json/i);
      assert.equal(JSON.parse(received.slice(received.indexOf("{"), received.lastIndexOf("}") + 1)).code, code);
      assert.equal((await server.ask({ query: "a" })).status, 200);
    });
  }

  it("refuses a Content-Length that is too small: the rest is no request", async () => {
    await using server = await serveFake();
    const received = await sendRaw(
      server.port,
      `POST /query HTTP/1.1\r\n${host}${json}Content-Length: ${body.length - 1}\r\n\r\n${body}`,
    );
    assert.deepEqual(statuses(received), ["400"], received);
    assert.equal(server.asked.length, 0);
  });

  it("does not wait for ever for a body shorter than its Content-Length", async () => {
    await using server = await serveFake({}, { deadlineMs: 50 });
    const received = await sendRaw(
      server.port,
      `POST /query HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n${body}`,
    );
    assert.deepEqual(statuses(received), ["408"], received);
    assert.match(received, /"code":"request_timeout"/);
    assert.equal(server.asked.length, 0);
  });

  it("does not wait for ever for headers, nor for a body that trickles", async () => {
    await using server = await serveFake({}, { timeouts: { headersMs: 50, requestMs: 100 } });
    const headers = await sendRaw(server.port, `GET /healthz HTTP/1.1\r\n${host}X-Slow: `);
    assert.deepEqual(statuses(headers), ["408"], headers);
    assert.match(headers, /"code":"request_timeout"/);
    const trickle = await sendRaw(
      server.port,
      `POST /query HTTP/1.1\r\n${host}${json}Content-Length: 100\r\n\r\n${body}`,
    );
    assert.deepEqual(statuses(trickle), ["408"], trickle);
  });

  it("answers pipelined requests in their order", async () => {
    await using server = await serveFake({
      async search({ query }) {
        if (query === "slow") await sleep(30);
        return { ...fakeResult, results: fakeResult.results.map((passage) => ({ ...passage, content: query })) };
      },
    });
    const post = (query: string, last = false) => {
      const text = JSON.stringify({ query });
      const close = last ? "Connection: close\r\n" : "";
      return `POST /query HTTP/1.1\r\n${host}${json}${close}Content-Length: ${text.length}\r\n\r\n${text}`;
    };
    const received = await sendRaw(server.port, post("slow") + post("quick") + post("last", true));
    assert.deepEqual(statuses(received), ["200", "200", "200"]);
    assert.deepEqual(
      [...received.matchAll(/"content":"(\w+)"/g)].map(([, content]) => content),
      ["slow", "quick", "last"],
    );
  });

  it("keeps a connection open between requests", async () => {
    await using server = await serveFake();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let round = 0; round < 3; round += 1) {
      const sent = request({ agent, port: server.port, host: "127.0.0.1", path: "/healthz" });
      sent.end();
      const [response] = await once(sent, "response");
      ports.add(sent.socket?.localPort);
      response.resume();
      await once(response, "end");
    }
    agent.destroy();
    assert.equal(ports.size, 1);
  });
});

describe("starting", () => {
  const app = createApp({ engine: createFakeEngine(), apiKeys: [], maxConcurrency: 1, version: "1", deadlineMs: 1000 });

  it("refuses other machines without a key", async () => {
    for (const address of ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org"]) {
      await assert.rejects(startServer({ app, host: address, port: 0, apiKeys: [] }), {
        code: "config_invalid",
        message: new RegExp(`HOST=${address.replaceAll(".", "\\.")} .*ISTHMUS_API_KEYS`),
      });
    }
  });

  it("serves other machines with a key", async () => {
    const server = await startServer({ app, host: "0.0.0.0", port: 0, apiKeys: ["k"] });
    assert.match(server.url, /^http:\/\/localhost:\d+$/);
    assert.equal((await fetch(`http://127.0.0.1:${new URL(server.url).port}/healthz`)).status, 200);
    await server.close({ graceMs: 0 });
  });

  it("says what to do when the port is in use", async () => {
    await using first = await serveFake();
    await assert.rejects(startServer({ app, host: "127.0.0.1", port: first.port, apiKeys: [] }), {
      code: "config_invalid",
      message: `Port ${first.port} on 127.0.0.1 is in use. Stop the other program, or choose another port: PORT=${first.port + 1}.`,
    });
  });

  it("says what to do when the address is not this machine's", async () => {
    await assert.rejects(startServer({ app, host: "192.0.2.1", port: 0, apiKeys: ["k"] }), {
      code: "config_invalid",
      message: /192\.0\.2\.1 is not an address of this machine/,
    });
  });
});

describe("stopping", () => {
  it("answers what is in flight, accepts nothing more, and closes idle connections", async () => {
    const { opened, open } = gate();
    const searching = gate();
    const server = await serveFake({
      async search() {
        searching.open();
        await opened;
        return fakeResult;
      },
    });
    const idle = connect(server.port, "127.0.0.1");
    const half = connect(server.port, "127.0.0.1");
    half.write("GET /healthz HTTP/1.1\r\nHo");
    const agent = new Agent({ keepAlive: true });
    const sent = request({
      agent,
      port: server.port,
      host: "127.0.0.1",
      path: "/query",
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    sent.end(body);
    await searching.opened;
    const closed = server.close({ graceMs: 60_000 });
    assert.equal(server.close({ graceMs: 0 }), closed);
    await assert.rejects(fetch(`${server.url}/healthz`));
    open();
    const [response] = await once(sent, "response");
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers.connection, "close");
    response.resume();
    await closed;
    for (const socket of [idle, half]) socket.destroy();
    agent.destroy();
  });

  it("cuts what is not finished within the grace, and tells the search", async () => {
    const searching = gate();
    const aborted = gate();
    const server = await serveFake({
      search(_, signal) {
        searching.open();
        signal.addEventListener("abort", () => aborted.open());
        return new Promise(() => {});
      },
    });
    const lost = server.ask({ query: "a" });
    await searching.opened;
    await server.close({ graceMs: 20 });
    await assert.rejects(lost);
    await aborted.opened;
  });

  it("stops at once when nobody is there", async () => {
    const server = await serveFake();
    await server.close({ graceMs: 60_000 });
    await assert.rejects(fetch(`${server.url}/healthz`));
  });
});
