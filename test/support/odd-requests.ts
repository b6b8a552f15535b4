import { fc } from "./fast-check.ts";

const text = fc.string({ unit: "binary", maxLength: 60 });
const oddNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -1, 51, 1e308, 2 ** 53));
const almostFilter = fc.record(
  {
    uri: fc.oneof(text, fc.jsonValue()),
    metadata: fc.oneof(fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue()),
    range: fc.oneof(
      fc.dictionary(text, fc.record({ from: oddNumber, to: text }, { requiredKeys: [] })),
      fc.jsonValue(),
    ),
    "": fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const almostRequest = fc.record(
  {
    query: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() }),
    k: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) }, oddNumber, fc.jsonValue()),
    mode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("hybrid", "vector", "keyword") }, text),
    filter: fc.oneof({ weight: 3, arbitrary: almostFilter }, fc.jsonValue()),
    __proto__: fc.jsonValue(),
    constructor: fc.jsonValue(),
  },
  { requiredKeys: ["query"] },
);
const goodRequest = fc.record(
  { query: fc.string({ minLength: 1, maxLength: 60 }), k: fc.integer({ min: 1, max: 50 }) },
  { requiredKeys: ["query"] },
);
/** Bodies of `POST /query`: some good ones, many that are almost good, and bytes. */
export const oddBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 2, arbitrary: goodRequest.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 6, arbitrary: almostRequest.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 2, arbitrary: fc.json().map((value) => Buffer.from(value)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc.tuple(almostRequest, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = Buffer.from(JSON.stringify(value));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  },
);
/** What a header may hold: visible ASCII and latin1, no control characters. */
const headerValue = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const seldom = (arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
/** Headers of a request, as pairs. */
export const oddHeaders: fc.Arbitrary<[string, string][]> = fc
  .record({
    "content-type": fc.oneof({ weight: 12, arbitrary: fc.constant("application/json") }, headerValue),
    "content-encoding": seldom(headerValue),
    origin: seldom(headerValue),
    traceparent: fc.oneof(headerValue, fc.constant(`00-${"1".repeat(32)}-${"2".repeat(16)}-01`)),
    "x-api-key": headerValue,
    authorization: headerValue,
    accept: headerValue,
  })
  .map((all) => Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
