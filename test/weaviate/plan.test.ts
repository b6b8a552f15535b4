import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { createDesk } from "../support/cli.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";

interface PlanAnswer {
  readonly documents: Readonly<Record<"new" | "changed" | "unchanged" | "removed", number>>;
  readonly total: { readonly chunks: { readonly expected: number } };
  readonly storage: { readonly store: string; readonly bytes_of_one_copy: { readonly expected: number } };
}

await suiteWithWeaviate("isthmus plan on Weaviate", {}, (weaviate) => {
  test("knows what is in the index, and makes no collection", async () => {
    const { url, grpcUrl, keys } = weaviate();
    const desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: url,
      WEAVIATE_GRPC_URL: grpcUrl,
      WEAVIATE_API_KEY: keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_COLLECTION: "PlanTry",
    });
    try {
      const docs = dirname(desk.write("docs/keys.md", "# Keys\n\nThe reader key is rotated every ninety days."));
      desk.write("docs/bread.md", "# Bread\n\nRye bread is baked with sourdough.");
      const plan = async () => {
        const run = await desk.run("plan", docs, "--rate", "10", "--json");
        assert.equal(run.code, 0, run.stderr);
        return run.json<PlanAnswer>();
      };
      const first = await plan();
      assert.deepEqual([first.documents.new, first.documents.unchanged, first.total.chunks.expected], [2, 0, 2]);
      assert.equal(first.storage.store, "weaviate");
      const schema = await fetch(`${url}/v1/schema/PlanTry`, { headers: { authorization: `Bearer ${keys.admin}` } });
      await schema.arrayBuffer();
      assert.equal(schema.status, 404);

      assert.equal((await desk.run("ingest", docs)).code, 0);
      const { documents, total } = await plan();
      assert.deepEqual([documents.new, documents.unchanged, total.chunks.expected], [0, 2, 0]);
    } finally {
      await desk.clear();
    }
  });
});
