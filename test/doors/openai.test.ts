import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { createDesk, type Desk } from "../support/cli.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";

const key = "a-key-of-the-test";
const notes = [
  {
    id: "1",
    text: "The reader key is rotated every ninety days.",
    team: "platform",
    year: 2024,
    tags: ["keys", "day"],
  },
  { id: "2", text: "The writer key is rotated every thirty days.", team: "platform", year: 2025 },
  { id: "3", text: "The key of the door hangs in the porter's lodge.", team: "house", year: 2026 },
];

/** The uses that OpenAI's own client makes of the search, whatever the store. */
function searchesAsOpenAi(environment: () => NodeJS.ProcessEnv): void {
  let desk: Desk;
  let url = "";
  const client = (apiKey = key) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  before(async () => {
    desk = createDesk({ ISTHMUS_API_KEYS: key, ISTHMUS_RANGE_KEYS: "year", ...environment() });
    desk.write("notes.jsonl", notes.map((note) => JSON.stringify(note)).join("\n"));
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
  });
  after(() => desk?.clear());

  async function found(body: OpenAI.VectorStores.VectorStoreSearchParams): Promise<string[]> {
    const ids: string[] = [];
    for await (const { file_id } of client().vectorStores.search("default", body)) {
      ids.push(file_id.split("#")[1] ?? file_id);
    }
    return ids;
  }

  test("finds passages with their file, attributes and score", async () => {
    const page = await client().vectorStores.search("default", {
      query: "how often is the reader key rotated?",
      max_num_results: 2,
    });
    assert.equal(page.data.length, 2);
    const [first = assert.fail("nothing was found")] = page.data;
    assert.match(first.file_id, /^file:\/\/.*\/notes\.jsonl#1$/);
    assert.equal(first.filename, "notes.jsonl");
    assert.match(first.content[0]?.text ?? "", /^The reader key is rotated every ninety days\./);
    assert.deepEqual(
      [first.attributes?.["team"], first.attributes?.["year"], first.attributes?.["tags"]],
      ["platform", 2024, "keys, day"],
    );
    assert.ok(first.score > 0 && first.score <= 1);
    assert.equal(page.hasNextPage(), false);
  });

  test("filters by equality, lists and bounds, and joins several queries", async () => {
    const query = "key";
    const only = async (filters: OpenAI.ComparisonFilter | OpenAI.CompoundFilter) =>
      (await found({ query, filters })).sort();
    assert.deepEqual(await only({ type: "eq", key: "team", value: "platform" }), ["1", "2"]);
    assert.deepEqual(await only({ type: "in", key: "year", value: [2024, 2026] }), ["1", "3"]);
    assert.deepEqual(await only({ type: "gt", key: "year", value: 2024 }), ["2", "3"]);
    assert.deepEqual(await only({ type: "gte", key: "year", value: 2024 }), ["1", "2", "3"]);
    assert.deepEqual(await only({ type: "lt", key: "year", value: 2026 }), ["1", "2"]);
    const both = await only({
      type: "and",
      filters: [
        { type: "eq", key: "team", value: "platform" },
        { type: "lte", key: "year", value: 2024 },
      ],
    });
    assert.deepEqual(both, ["1"]);
    const queries = await found({ query: ["reader key", "porter's lodge"], max_num_results: 3 });
    assert.deepEqual(queries.toSorted(), ["1", "2", "3"], "each once");
    assert.deepEqual(await found({ query: "reader key", ranking_options: { score_threshold: 1 } }), ["1"]);
  });

  test("fails with the errors of OpenAI's client, which name the code, the field and the request", async () => {
    const search = (body: OpenAI.VectorStores.VectorStoreSearchParams, apiKey = key, id = "default") =>
      client(apiKey)
        .vectorStores.search(id, body)
        .then(
          () => assert.fail("nothing was refused"),
          (error: unknown) => error,
        );
    const refused = await search({ query: "key", filters: { type: "ne", key: "team", value: "house" } });
    assert.ok(refused instanceof OpenAI.BadRequestError, String(refused));
    assert.deepEqual(
      [refused.code, refused.param, refused.type],
      ["query_invalid", "filters", "invalid_request_error"],
    );
    assert.match(refused.message, /ne cannot be searched by/);
    assert.match(refused.requestID ?? "", /^[0-9a-f]{32}$/);
    const undeclared = await search({ query: "key", filters: { type: "gt", key: "size", value: 1 } });
    assert.ok(undeclared instanceof OpenAI.BadRequestError);
    assert.match(undeclared.message, /ISTHMUS_RANGE_KEYS/);
    const stranger = await search({ query: "key" }, "another");
    assert.ok(stranger instanceof OpenAI.AuthenticationError, String(stranger));
    const nowhere = await search({ query: "key" }, key, "vs_1");
    assert.ok(nowhere instanceof OpenAI.NotFoundError, String(nowhere));
    assert.match(nowhere.message, /whose id is "default"/);
  });
}

describe("OpenAI's client on the local index", () => searchesAsOpenAi(() => ({})));

await suiteWithWeaviate("OpenAI's client on Weaviate", {}, (weaviate) =>
  searchesAsOpenAi(() => ({
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: weaviate().url,
    WEAVIATE_GRPC_URL: weaviate().grpcUrl.replace("http://", ""),
    WEAVIATE_API_KEY: weaviate().keys.admin,
    ISTHMUS_REPLICATION_FACTOR: "1",
    ISTHMUS_COLLECTION: "OpenAiDoor",
  })),
);
