import { after, before } from "node:test";
import { type FakeGcs, startFakeGcs } from "../../../test/peers/fake-gcs.ts";
import { createGcsSource } from "./gcs.ts";
import { sourceContract } from "./source.contract.ts";

let gcs: FakeGcs;
let buckets = 0;

before(async () => {
  gcs = await startFakeGcs();
});
after(() => gcs.stop());

sourceContract("a prefix of a bucket", async () => {
  const bucket = `contract-${++buckets}`;
  await gcs.createBucket(bucket);
  const source = await createGcsSource(`gs://${bucket}/docs/`, { emulator: gcs.url });
  return {
    source,
    write: async (name, bytes) => void (await gcs.upload(bucket, `docs/${name}`, bytes)),
    remove: (name) => gcs.remove(bucket, `docs/${name}`),
    uri: (name) => `gs://${bucket}/docs/${name}`,
    writeBeside: async (name, bytes) => void (await gcs.upload(bucket, `docs-old/${name}`, bytes)),
    uriBeside: (name) => `gs://${bucket}/docs-old/${name}`,
    close: () => source.close(),
  };
});
