import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Activity, type Client, createClient, IsthmusApiError } from "../../src/client/index.ts";
import { onWeaviate } from "../console/store.ts";
import { createDesk, type Desk, eventually } from "../support/cli.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";

const reads = "reads-of-the-test";
const writes = "writes-of-the-test";

describe("the client changes what is indexed, on SQLite", () => changesOn(() => ({})));
const roles = {
  AUTHORIZATION_ADMINLIST_ENABLED: "true",
  AUTHORIZATION_ADMINLIST_USERS: "admin,writer",
  AUTHORIZATION_ADMINLIST_READONLY_USERS: "reader",
};
await suiteWithWeaviate("the client changes what is indexed, on Weaviate", { environment: roles }, (weaviate) => {
  changesOn(() => onWeaviate(weaviate(), "ClientChanges"));

  test("a server whose key of Weaviate may only read says so once, and is asked by hand again", async () => {
    const environment = onWeaviate(weaviate(), "ClientChanges");
    const desk = createDesk({ ...environment, WEAVIATE_API_KEY: weaviate().keys.reader });
    try {
      const serving = desk.start("serve");
      const client = createClient({ url: (await serving.seen(/Serving (http:\S+)/))[1] ?? "" });
      const uri = (await client.documents({ limit: 1 })).documents[0]?.uri ?? assert.fail("nothing is indexed");
      const refused = await codeOf(client.deleteDocument({ uri }));
      assert.deepEqual(refused, ["index_read_only", 403]);
      await client.retryDocument({ uri });
      for await (const { data } of client.events()) {
        const [latest] = data.recent;
        if (latest === undefined || data.tasks.length > 0) continue;
        assert.deepEqual([latest.uri, latest.outcome], [uri, "failed"]);
        assert.match(latest.reason ?? "", /may read its index and not write it/);
        break;
      }
      assert.equal((await client.documents({ limit: 1 })).documents[0]?.uri, uri, "and nothing was lost");
      serving.process.kill("SIGTERM");
      const { stderr } = await serving.ended;
      assert.equal(stderr.match(/does not let this key do that/g)?.length, 1, stderr);
    } finally {
      await desk.clear();
    }
  });
});

async function codeOf(work: Promise<unknown>) {
  const thrown = await work.then(
    () => assert.fail("nothing failed"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof IsthmusApiError, String(thrown));
  return [thrown.code, thrown.status];
}

function changesOn(environment: () => NodeJS.ProcessEnv): void {
  let desk: Desk;
  let client: Client;
  let reader: Client;
  before(async () => {
    desk = createDesk({
      ...environment(),
      ISTHMUS_API_KEYS: reads,
      ISTHMUS_WRITE_KEYS: writes,
      ISTHMUS_MAX_UPLOADS_BYTES: "2000",
    });
    desk.write("tea.md", "# Tea\n\nGreen tea is brewed at eighty degrees.\n");
    desk.write("broken.pdf", "%PDF-1.7 and nothing behind it");
    await desk.run("ingest", "documents");
    const url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    client = createClient({ url, apiKey: writes });
    reader = createClient({ url, apiKey: reads });
  });
  after(() => desk?.clear());

  const file = (text: string) => new Blob([text]);
  const entry = async (name: string) =>
    (await client.documents({ limit: 100 })).documents.find(({ uri }) => uri.endsWith(name));

  test("adds a file, follows it by its events, finds it, puts another in its place, and deletes it", async () => {
    const states: Activity[] = [];
    const leaving = new AbortController();
    const following = (async () => {
      for await (const { data } of client.events({}, { signal: leaving.signal })) states.push(data);
    })().catch((error: unknown) => {
      if (!leaving.signal.aborted) throw error;
    });
    const added = await client.addDocument({
      name: "coffee.md",
      content: file("# Coffee\n\nBrewed at ninety-four degrees.\n"),
    });
    assert.match(added.uri, /\/uploads\/coffee\.md$/);
    await eventually(
      async () => states.at(-1),
      (state) => state?.recent.some(({ uri, outcome }) => uri === added.uri && outcome === "added") === true,
    );
    const { results } = await reader.query({ query: "how hot is coffee brewed?", k: 1 });
    assert.equal(results[0]?.source.uri, added.uri);
    const again = () => client.addDocument({ name: "coffee.md", content: file("# Cocoa\n\nBrewed with milk.\n") });
    assert.deepEqual(await codeOf(again()), ["document_exists", 409]);
    await client.addDocument({ name: "coffee.md", replace: "true", content: file("# Cocoa\n\nBrewed with milk.\n") });
    await eventually(
      () => entry("coffee.md"),
      (document) => document?.title === "Cocoa",
    );
    assert.equal((await client.deleteDocument({ uri: added.uri })).file, "removed");
    assert.equal(await entry("coffee.md"), undefined);
    leaving.abort();
    await following;
  });

  test("has a document read again that failed, and takes one out whose file stays", async () => {
    const failed = (await entry("broken.pdf")) ?? assert.fail("broken.pdf is not listed");
    assert.equal((await client.retryDocument({ uri: failed.uri })).uri, failed.uri);
    await eventually(
      () => entry("broken.pdf"),
      (document) => (document?.error?.attempts ?? 0) > (failed.error?.attempts ?? 0),
    );
    const tea = (await entry("tea.md")) ?? assert.fail("tea.md is not listed");
    await eventually(
      () => client.deleteDocument({ uri: tea.uri }),
      ({ file: became }) => became === "kept",
    );
    assert.deepEqual(await codeOf(client.deleteDocument({ uri: tea.uri })), ["document_not_found", 404]);
  });

  test("is refused what its key may not do, what there is no room for, and what there is not", async () => {
    const uri = "file:///nowhere.md";
    for (const work of [
      () => reader.addDocument({ name: "a.md", content: file("a") }),
      () => reader.retryDocument({ uri }),
      () => reader.deleteDocument({ uri }),
    ]) {
      assert.deepEqual(await codeOf(work()), ["forbidden", 403]);
    }
    const large = client.addDocument({ name: "large.md", content: file("word ".repeat(401)) });
    assert.deepEqual(await codeOf(large), ["storage_full", 507]);
    assert.equal(await entry("large.md"), undefined);
    assert.deepEqual(await codeOf(client.retryDocument({ uri })), ["document_not_found", 404]);
  });
}
