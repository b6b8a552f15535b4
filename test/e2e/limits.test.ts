import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openQueryEngine } from "../../src/compose/query-engine.ts";
import { openRuntime } from "../../src/compose/runtime.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { queryDeadlineMs } from "../../src/core/deadline.ts";
import { createHandler, type Handler } from "../../src/entry/lambda/handler.ts";
import { createApp } from "../../src/http/app.ts";
import { fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { createJobDesk } from "../support/job.ts";
import { makeDocx } from "../support/parser/make-docx.ts";

/** What every door says of a query or a document that is over a limit. */
interface Refusal {
  readonly code: string;
  readonly message: string;
}

interface Problem {
  readonly code: string;
  readonly error: string;
  readonly field?: string;
}

/** Of letters alone, none of them a form of another. */
const word = (at: number) => `zq${String.fromCodePoint(97 + Math.floor(at / 26), 97 + (at % 26))}x`;
const words = (count: number) => Array.from({ length: count }, (_, at) => word(at)).join(" ");

/** Limits of a query: what the command line is given, what the body of a request is, and what all of them answer. */
const queryCases: readonly [string, { args: readonly string[]; body: object }, string][] = [
  [
    "text",
    { args: ["x".repeat(2001)], body: { query: "x".repeat(2001) } },
    "The query has 2001 characters; ask in at most 2000.",
  ],
  ["no text", { args: [" \n"], body: { query: " \n" } }, "The query is empty; ask in 1 to 2000 characters."],
  ["k", { args: ["x", "--k", "51"], body: { query: "x", k: 51 } }, "k is 51; it is a whole number from 1 to 50."],
  ["no k", { args: ["x", "--k", "0"], body: { query: "x", k: 0 } }, "k is 0; it is a whole number from 1 to 50."],
  [
    "words",
    { args: [words(300)], body: { query: words(300) } },
    "The query has 300 different words to look for; ask in at most 256.",
  ],
  [
    "keys of a filter",
    {
      args: ["x", ...Array.from({ length: 33 }, (_, at) => ["--where", `k${at}=v`]).flat()],
      body: {
        query: "x",
        filter: { metadata: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`k${at}`, "v"])) },
      },
    },
    "filter.metadata has 33 keys; at most 32 are allowed.",
  ],
  [
    "length of a key",
    {
      args: ["x", "--where", `${"k".repeat(201)}=v`],
      body: { query: "x", filter: { metadata: { ["k".repeat(201)]: "v" } } },
    },
    "A key of filter.metadata has over 200 characters.",
  ],
  [
    "values of a filter",
    {
      args: ["x", ...Array.from({ length: 1001 }, (_, at) => ["--where", `k=${at}`]).flat()],
      body: { query: "x", filter: { metadata: { k: Array.from({ length: 1001 }, (_, at) => String(at)) } } },
    },
    "The list has 1001 values; 1 to 1000 are allowed.",
  ],
  [
    "URI of a filter",
    {
      args: ["x", "--prefix", `gs://bucket/${"u".repeat(4085)}`],
      body: { query: "x", filter: { uri: `gs://bucket/${"u".repeat(4085)}` } },
    },
    "filter.uri has 4097 characters; at most 4096 are allowed.",
  ],
];

/** An embedder that answers as soon as it is asked, or never while it is held. */
async function startEmbedder(): Promise<{
  server: Server;
  environment: Record<string, string>;
  hold(on: boolean): void;
}> {
  let held = false;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      if (held) return;
      const { input }: { input: string[] } = JSON.parse(body);
      const data = input.map((_, index) => ({ index, embedding: [1, 0, 0, 0] }));
      response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const environment = {
    ISTHMUS_EMBEDDING_URL: `http://127.0.0.1:${port}/v1`,
    ISTHMUS_EMBEDDING_MODEL: "test",
    ISTHMUS_EMBEDDING_DIMENSIONS: "4",
    ISTHMUS_EMBEDDING_MAX_TOKENS: "16",
  };
  return {
    server,
    environment,
    hold(on) {
      held = on;
    },
  };
}

describe("one limit and one message at every door of a query", () => {
  let embedder: Awaited<ReturnType<typeof startEmbedder>>;
  let desk: Desk;
  let url = "";
  let handle: Handler;
  const doors: Record<string, (of: { args: readonly string[]; body: object }) => Promise<Refusal>> = {
    "the command line": async ({ args }) => {
      const run = await desk.run("query", ...args, "--json");
      assert.equal(run.code, 1, run.stderr);
      return run.json<{ error: Refusal }>().error;
    },
    "the server": async ({ body }) => {
      const response = await fetch(`${url}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return refusalOf((await response.json()) as Problem);
    },
    "the function": async ({ body }) => {
      const event = {
        path: "/query",
        httpMethod: "POST",
        multiValueHeaders: { "Content-Type": ["application/json"], Host: ["gateway.invalid"] },
        multiValueQueryStringParameters: null,
        body: JSON.stringify(body),
        isBase64Encoded: false,
        requestContext: {},
      };
      const result = await handle(event, { getRemainingTimeInMillis: () => 60_000 });
      return refusalOf(JSON.parse(result.body) as Problem);
    },
  };
  const closing: (() => Promise<unknown>)[] = [];

  before(async () => {
    embedder = await startEmbedder();
    desk = createDesk(embedder.environment);
    desk.write("a.txt", "alpha");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    const serving = desk.start("serve");
    [, url = ""] = await serving.seen(/(http:\/\/127\.0\.0\.1:\d+)/);
    // The function's own door, before the same engine; its store is tried in test/lambda.
    const runtime = await openRuntime(parseSettings(desk.environment));
    const engine = await openQueryEngine(runtime);
    const app = createApp({ engine, apiKeys: [], maxConcurrency: 8, version: "0", deadlineMs: queryDeadlineMs });
    handle = createHandler({ app, corsOrigins: [], report: (error) => assert.fail(String(error)) });
    closing.push(
      () => engine.close(),
      () => runtime.close(),
    );
  });
  after(async () => {
    for (const close of closing) await close();
    await desk.clear();
    embedder.server.closeAllConnections();
    embedder.server.close();
  });

  for (const [name, asked, message] of queryCases) {
    for (const door of Object.keys(doors)) {
      test(`${name}, by ${door}`, async () => {
        assert.deepEqual(await doors[door]?.(asked), { code: "query_invalid", message });
      });
    }
  }

  test("time: a query whose embedder is silent ends at every door, and says the same", async () => {
    embedder.hold(true);
    try {
      const asked = { args: ["x"], body: { query: "x" } };
      const answers = await Promise.all(Object.values(doors).map((door) => door(asked)));
      const message = "The search did not finish in time. Try again, or narrow it with a filter.";
      assert.deepEqual(
        answers,
        answers.map(() => ({ code: "deadline_exceeded", message })),
      );
    } finally {
      embedder.hold(false);
    }
  });
});

function refusalOf({ code, error }: Problem): Refusal {
  return { code, message: error };
}

const limit = 100_000;
/** Documents over a limit, packed so that their size outside says nothing. */
const documentCases: readonly [string, () => Promise<Uint8Array | string>, Refusal][] = [
  [
    "bytes.txt",
    async () => "alpha ".repeat(20_000),
    {
      code: "source_too_large",
      message: `"bytes.txt" is larger than the limit for one document: over ${limit} bytes (${limit} bytes). Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
    },
  ],
  [
    "unpacked.txt.gz",
    async () => gzipSync("alpha ".repeat(20_000)),
    {
      code: "source_too_large",
      message: `"unpacked.txt" is larger than the limit for one document: over ${limit} bytes (${limit} bytes). Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
    },
  ],
  [
    "text.docx",
    async () => await makeDocx([{ text: "alpha ".repeat(20_000) }]),
    {
      code: "parse_limit",
      message: `"text.docx" holds 119999 characters of text in one document, more than ${limit}. Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
    },
  ],
];
/** A text of more chunks of 16 tokens than a document may have; most of them say the same. */
const manyChunks = `${"word ".repeat(12)}.\n`.repeat(66_000);
const tooManyChunks: Refusal = {
  code: "parse_limit",
  message:
    "The text of one document makes more than 65536 chunks, the most that are kept of one. Split the file, or store it as JSONL with a record for each part.",
};

const { skip } = await fakeGcsBinary();

interface Status {
  readonly failures: readonly {
    readonly uri: string;
    readonly failure?: { readonly code: string; readonly reason: string };
  }[];
}

async function refusals(desk: Desk): Promise<Record<string, Refusal>> {
  const { failures } = (await desk.run("status", "--failed", "--json")).json<Status>();
  return Object.fromEntries(
    failures.map(({ uri, failure }) => [
      uri.slice(uri.lastIndexOf("/") + 1),
      { code: failure?.code ?? "", message: failure?.reason ?? "" },
    ]),
  );
}

describe("one limit and one message at every door of a document", () => {
  let embedder: Awaited<ReturnType<typeof startEmbedder>>;
  before(async () => {
    embedder = await startEmbedder();
  });
  after(() => void embedder.server.close());
  const environment = () => ({ ...embedder.environment, ISTHMUS_MAX_FILE_BYTES: String(limit) });
  const expected = Object.fromEntries(documentCases.map(([name, , refusal]) => [name, refusal]));

  test("the command line", { timeout: 600_000 }, async (context) => {
    const desk = createDesk(environment());
    context.after(() => desk.clear());
    for (const [name, content] of documentCases) desk.write(name, await content());
    assert.equal((await desk.run("ingest", "documents")).code, 2);
    assert.deepEqual(await refusals(desk), expected);
  });

  test("the command line, chunks", { timeout: 600_000 }, async (context) => {
    const desk = createDesk(embedder.environment);
    context.after(() => desk.clear());
    desk.write("chunks.txt", manyChunks);
    assert.equal((await desk.run("ingest", "documents")).code, 2);
    assert.deepEqual(await refusals(desk), { "chunks.txt": tooManyChunks });
  });

  test("the Job", { timeout: 600_000, skip }, async (context) => {
    const gcs = await startFakeGcs();
    context.after(() => gcs.stop());
    await gcs.createBucket("limits");
    for (const [name, content] of documentCases) await gcs.upload("limits", name, await content());
    const job = createJobDesk({ STORAGE_EMULATOR_HOST: gcs.url, GCS_BUCKET_NAME: "limits", ...environment() });
    const desk = createDesk({ ...environment(), ISTHMUS_DATA_DIR: `${job.folder}/data` });
    context.after(async () => {
      await desk.clear();
      await job.clear();
    });
    assert.equal((await job.run()).code, 2);
    assert.deepEqual(await refusals(desk), expected);
  });
});
