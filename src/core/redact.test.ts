import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { IsthmusError, toIsthmusError } from "./errors.ts";
import { shownAddress, withoutCredentials } from "./redact.ts";

for (const [address, shown] of [
  ["https://example.org:8443/v1", "https://example.org:8443/v1"],
  ["https://ada:s3cret@example.org/v1", "https://***@example.org/v1"],
  ["https://s3cret@example.org", "https://***@example.org"],
  ["https://:s3cret@example.org", "https://***@example.org"],
  ["https://example.org/a@b", "https://example.org/a@b"],
  ["https://example.org/v1?api-key=s3cret", "https://example.org/v1?***"],
  ["https://example.org/#s3cret", "https://example.org/?***"],
  // None of these is an address; they are printed because they are none.
  ["htps://ada:s3cret@example.org", "htps://***@example.org"],
  ["ada:s3cret@example.org", "***@example.org"],
  ["https://ada:s3/cr@et@example.org", "https://***@example.org"],
  ["https://ada:s3#cret@example.org", "https://***@example.org"],
  ["http://ada:s3cret@", "http://***@"],
] as const) {
  test(`${address} is shown as ${shown}`, () => assert.equal(shownAddress(address), shown));
}

test("a sentence keeps its addresses and loses their credentials, wherever an error took it from", () => {
  const sentence = 'http://a:b@x.org/1 and "https://c@y.org" are not gs://bucket/d@e or me@example.org';
  const without = 'http://***@x.org/1 and "https://***@y.org" are not gs://bucket/d@e or me@example.org';
  assert.equal(withoutCredentials(sentence), without);
  assert.equal(new IsthmusError("internal", sentence).message, without);
});

/** What others throw quotes what they were given: their class and code are told, their words never. */
suite("errors of others", () => {
  class ParserFailure extends Error {}
  const parsed = (): unknown => {
    try {
      return JSON.parse("canary is no JSON");
    } catch (error) {
      return error;
    }
  };
  for (const [what, thrown, named] of [
    ["a syntax error", parsed(), "SyntaxError"],
    ["a class of somebody else", new ParserFailure("canary"), "ParserFailure"],
    ["one with a code", Object.assign(new Error("canary"), { code: "ERR_X" }), "Error ERR_X"],
    ["one with a number", Object.assign(new Error("canary"), { code: 5 }), "Error 5"],
    [
      "a cause with a code",
      new TypeError("canary", { cause: Object.assign(new Error("canary"), { code: "ECONNRESET" }) }),
      "TypeError: Error ECONNRESET",
    ],
    ["a code that is a text", Object.assign(new Error("canary"), { code: "canary of a text" }), "Error"],
    ["a name that is a text", Object.assign(new Error("canary"), { name: "canary of a text" }), "Error"],
    ["a string", "canary", "a string"],
    ["nothing", undefined, "undefined"],
  ] as const) {
    test(`${what} is told as ${named}`, () => {
      const error = toIsthmusError(thrown);
      assert.ok(error.message.includes(`(${named})`), error.message);
      assert.ok(!error.message.includes("canary"), error.message);
      assert.deepEqual([error.code, error.cause], ["internal", thrown]);
    });
  }
});
