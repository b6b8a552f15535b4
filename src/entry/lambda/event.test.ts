import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headersOf, requestOf } from "./event.ts";

function read(event: unknown): Request {
  const request = requestOf(event);
  assert.ok("value" in request, JSON.stringify(request));
  return request.value;
}

const post = { httpMethod: "POST", path: "/query", headers: { "Content-Type": "application/json" } };

describe("a proxy event becomes a request", () => {
  for (const [name, body, isBase64Encoded, expected] of [
    ["text", '{"query":"Größe ☕"}', false, '{"query":"Größe ☕"}'],
    ["base64", Buffer.from('{"query":"Größe ☕"}').toString("base64"), true, '{"query":"Größe ☕"}'],
    ["an empty text", "", false, ""],
    ["nothing", null, false, ""],
  ] as const) {
    it(`with ${name} as its body`, async () => {
      const request = read({ ...post, body, isBase64Encoded });
      assert.equal(request.method, "POST");
      assert.equal(new URL(request.url).pathname, "/query");
      assert.equal(await request.text(), expected);
    });
  }

  it("with bytes that are no text, as they were sent", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    const request = read({ ...post, body: bytes.toString("base64"), isBase64Encoded: true });
    assert.deepEqual(Buffer.from(await request.arrayBuffer()), bytes);
  });

  it("with every value of headers and parameters, the list before the single form", () => {
    const request = read({
      httpMethod: "get",
      path: "/a b/%zz",
      headers: { "X-Twice": "two" },
      multiValueHeaders: { "X-Twice": ["one", "two"] },
      queryStringParameters: { p: "2" },
      multiValueQueryStringParameters: { p: ["1", "2&3"] },
      body: "ignored",
    });
    assert.equal(request.method, "GET");
    assert.equal(request.body, null);
    assert.equal(request.headers.get("x-twice"), "one, two");
    const url = new URL(request.url);
    assert.deepEqual(url.searchParams.getAll("p"), ["1", "2&3"]);
    assert.equal(url.pathname, "/a%20b/%zz");
    assert.equal(read({ ...post, queryStringParameters: { p: "1" } }).url.split("?")[1], "p=1");
  });

  it("with header values as bytes, and without what is no header", () => {
    const headers = headersOf({
      ...post,
      headers: { "x-api-key": "schlüssel ☕", "bad name": "a", "x-line": "a\nb", a: "b" },
    });
    assert.equal(Buffer.from(headers.get("x-api-key") ?? "", "latin1").toString("utf8"), "schlüssel ☕");
    assert.deepEqual([...headers.keys()], ["a", "x-api-key"]);
  });

  it("never with the host of the client in its address", () => {
    assert.equal(new URL(read({ ...post, path: "//evil.example/query" }).url).host, "function.invalid");
  });
});

describe("what is no request", () => {
  for (const [name, event] of [
    ["nothing", undefined],
    ["null", null],
    ["a text", "POST /query"],
    ["an event of another kind", { Records: [] }],
    ["a method that fetch forbids", { ...post, httpMethod: "CONNECT" }],
    ["a method that is no token", { ...post, httpMethod: "PO ST" }],
  ] as const) {
    it(`${name} is a bad request`, () => {
      const request = requestOf(event);
      assert.ok("problem" in request);
      assert.equal(request.problem.code, "bad_request");
    });
  }
});
