import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import type { Weaviate } from "../peers/weaviate.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { explainsItself, readsDocuments } from "../support/explained.ts";
import { suiteWithWeaviate, witness } from "../support/weaviate.ts";

function environmentOf(weaviate: Weaviate): NodeJS.ProcessEnv {
  return {
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl.replace("http://", ""),
    WEAVIATE_API_KEY: weaviate.keys.admin,
    ISTHMUS_REPLICATION_FACTOR: "1",
  };
}

await suiteWithWeaviate("the command line on Weaviate", {}, (weaviate) => {
  async function withDesk(use: (desk: Desk) => Promise<void>, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const desk = createDesk({ ...environmentOf(weaviate()), ...environment });
    try {
      await use(desk);
    } finally {
      await desk.clear();
    }
  }

  test("query explains itself, and documents are read out of the index, as on the local one", () =>
    withDesk(
      async (desk) => {
        const place = (name: string, text: string) => desk.write(`docs/${name}`, text);
        await explainsItself(desk, place, "--store", "weaviate");
        const running = desk.start("serve", "--store", "weaviate");
        const [, url = ""] = await running.seen(/Serving (http:\S+)/);
        await readsDocuments(url, place);
      },
      { ISTHMUS_COLLECTION: "CliExplained" },
    ));

  test("ingest, query, status and delete work as on the local index, and doctor walks the whole way", () =>
    withDesk(
      async (desk) => {
        const docs = dirname(desk.write("docs/keys.md", "# Keys\n\nThe reader key is rotated every ninety days."));
        const bread = desk.write("docs/bread.md", "# Bread\n\nRye bread is baked with sourdough.");
        const empty = await desk.run("doctor", "--store", "weaviate", "--json");
        assert.equal(empty.code, 0, empty.stderr);
        const first = await desk.run("ingest", docs, "--store", "weaviate", "--json");
        assert.equal(first.json<{ added: number }>().added, 2, first.stderr);
        const again = await desk.run("ingest", docs, "--store", "weaviate", "--json");
        assert.equal(again.json<{ unchanged: number }>().unchanged, 2);
        const found = await desk.run(
          "query",
          "how often are keys changed?",
          "--store",
          "weaviate",
          "--k",
          "1",
          "--json",
        );
        const [hit] = found.json<{ results: { content: string; source: { uri: string } }[] }>().results;
        assert.match(hit?.source.uri ?? "", /keys\.md$/);
        const within = ["query", "sourdough", "--prefix", bread, "--mode", "keyword", "--json"];
        const filtered = await desk.run(...within, "--store", "weaviate");
        assert.equal(filtered.json<{ results: unknown[] }>().results.length, 1);
        const status = await desk.run("status", "--store", "weaviate", "--documents");
        assert.match(status.stdout, /2 documents, 2 chunks in CliWay at http/);
        const doctor = await desk.run("doctor", "--store", "weaviate");
        for (const check of ["dns", "tcp", "http", "key", "role", "grpc", "schema", "index"]) {
          assert.match(doctor.stdout, new RegExp(`ok +weaviate ${check}: `));
        }
        const removed = await desk.run("delete", bread, "--store", "weaviate");
        assert.equal(removed.code, 0, removed.stderr);
        const gone = await desk.run("query", "sourdough", "--mode", "keyword", "--store", "weaviate", "--json");
        assert.deepEqual(gone.json<{ results: unknown[] }>().results, []);
      },
      { ISTHMUS_COLLECTION: "CliWay" },
    ));

  test("languages, list members and whole numbers are found as on the local index", () =>
    withDesk(
      async (desk) => {
        const docs = dirname(desk.write("docs/garten.md", "Die Wäsche hängt im Garten, und es regnet schon wieder."));
        const cat = desk.write("docs/кошка.txt", "Кошка спит на диване весь день.");
        desk.write(
          "docs/a.jsonl",
          '{"text":"zebra","tags":["red","green"],"ver":1.0}\n{"text":"zebra","ver":"1.10"}\n',
        );
        const run = async (...words: string[]) => await desk.run(...words, "--store", "weaviate", "--json");
        assert.equal((await run("ingest", docs)).code, 0);
        const held = async (): Promise<string[]> => (await run("status")).json<{ languages: string[] }>().languages;
        assert.deepEqual(await held(), ["de", "ru"]);
        const doctor = await desk.run("doctor", "--store", "weaviate");
        assert.match(doctor.stdout, /note {2}languages: German and Russian, beside English/);
        const ids = async (where: string): Promise<string[]> => {
          const found = await run("query", "zebra", "--mode", "keyword", "--where", where);
          return found
            .json<{ results: { source: { uri: string } }[] }>()
            .results.map(({ source }) => source.uri.slice(-1));
        };
        assert.deepEqual(await ids("tags=red"), ["1"]);
        assert.deepEqual(await ids("ver=1"), ["1"]);
        assert.deepEqual(await ids("ver=1.1"), []);
        assert.deepEqual(await ids("ver=1.10"), ["2"]);
        assert.match((await run("query", "Garten Wäsche", "--k", "1")).stdout, /garten\.md/);
        assert.equal((await run("delete", cat)).code, 0);
        assert.deepEqual(await held(), ["de"]);
      },
      { ISTHMUS_COLLECTION: "CliLanguages" },
    ));

  test("doctor stops at the first step that does not go, and says what to do", () =>
    withDesk(
      async (desk) => {
        const doctor = await desk.run("doctor", "--store", "weaviate");
        assert.equal(doctor.code, 1);
        assert.match(doctor.stdout, /FAIL +weaviate key: .*WEAVIATE_API_KEY/);
        assert.doesNotMatch(doctor.stdout, /weaviate schema|canary/);
      },
      { WEAVIATE_API_KEY: "canary" },
    ));

  test("every fault of the configuration is told at once", () =>
    withDesk(
      async (desk) => {
        const status = await desk.run("status", "--store", "weaviate");
        assert.equal(status.code, 1);
        for (const name of ["WEAVIATE_URL", "WEAVIATE_GRPC_URL", "ISTHMUS_COLLECTION", "ISTHMUS_READ_CONSISTENCY"]) {
          assert.match(status.stderr, new RegExp(name));
        }
      },
      {
        WEAVIATE_URL: "ftp://x",
        WEAVIATE_GRPC_URL: "::",
        ISTHMUS_COLLECTION: "lower",
        ISTHMUS_READ_CONSISTENCY: "MOST",
      },
    ));

  test("the prototype's collection moves over: export, ingest under another name, and nothing of it is touched", () =>
    withDesk(
      async (desk) => {
        const client = await witness(weaviate());
        try {
          const prototype = await client.collections.create({
            name: "Document",
            properties: [{ name: "content", dataType: "text" }],
          });
          const texts = ["Die Katze schläft.", "Backups are kept for thirty days.", 'A "quoted" line\twith a tab.'];
          await prototype.data.insertMany(texts.map((content) => ({ properties: { content }, vectors: [1, 0, 0] })));
          const refused = await desk.run("status", "--store", "weaviate");
          assert.match(refused.stderr, /not made by Isthmus.*ISTHMUS_COLLECTION/s);
          const exported = await desk.run("export");
          assert.equal(exported.code, 0, exported.stderr);
          const lines = exported.stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as { text: string });
          assert.deepEqual(lines.map(({ text }) => text).sort(), texts.sort());
          const moved = createDesk({ ...environmentOf(weaviate()), ISTHMUS_COLLECTION: "Moved" });
          try {
            const file = moved.write("documents.jsonl", exported.stdout);
            const ingested = await moved.run("ingest", file, "--store", "weaviate", "--json");
            assert.deepEqual([ingested.code, ingested.json<{ chunks: number }>().chunks], [0, 3]);
            const found = await moved.run("query", "how long are backups kept?", "--k", "1", "--store", "weaviate");
            assert.match(found.stdout, /thirty days/);
          } finally {
            await moved.clear();
          }
          assert.equal((await prototype.aggregate.overAll()).totalCount, 3);
          await client.collections.delete("Document");
        } finally {
          await client.close();
        }
      },
      { ISTHMUS_COLLECTION: "Document" },
    ));
});
