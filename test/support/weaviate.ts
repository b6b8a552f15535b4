import { randomBytes } from "node:crypto";
import { after, before, suite } from "node:test";
import weaviateClient, { ApiKey } from "weaviate-client";
import { fixedKey } from "../../src/adapters/store/weaviate/keys.ts";
import { manifestCollection, type WeaviateSettings } from "../../src/adapters/store/weaviate/settings.ts";
import {
  type WeaviateSettings as PeerSettings,
  startWeaviate,
  type Weaviate,
  weaviateBinary,
} from "../peers/weaviate.ts";

/** A suite with a Weaviate of its own, started before and stopped after; skipped, with the reason, where there is none. */
export async function suiteWithWeaviate(
  name: string,
  peer: PeerSettings,
  define: (running: () => Weaviate) => void,
): Promise<void> {
  const { skip } = await weaviateBinary();
  suite(name, { skip }, () => {
    let weaviate: Weaviate | undefined;
    before(async () => {
      weaviate = await startWeaviate(peer);
    });
    after(() => weaviate?.stop());
    define(() => {
      if (weaviate === undefined) throw new Error("Weaviate is not running");
      return weaviate;
    });
  });
}

/** Settings for collections of their own, on one node as on three. */
export function scratchSettings(weaviate: Weaviate, rest: Partial<WeaviateSettings> = {}): WeaviateSettings {
  const several = weaviate.nodes.length > 1;
  return {
    url: weaviate.url,
    grpcUrl: weaviate.grpcUrl,
    keys: fixedKey(weaviate.keys.admin),
    collection: `Test${randomBytes(6).toString("hex")}`,
    replicationFactor: several ? 3 : 1,
    shards: 1,
    readConsistency: several ? "QUORUM" : "ONE",
    writeConsistency: several ? "QUORUM" : "ONE",
    rangeKeys: [],
    timeoutMs: 30_000,
    ...rest,
  };
}

/** One object, as another program sees it. */
export interface SeenObject {
  readonly id: string;
  readonly properties: Record<string, unknown>;
}

/** Every object of both collections, read by Weaviate's own client: a witness that shares no code with the store. */
export async function objectsOf(
  weaviate: Pick<Weaviate, "url" | "grpcUrl" | "keys">,
  collection: string,
): Promise<{ chunks: SeenObject[]; manifest: SeenObject[] }> {
  const client = await witness(weaviate);
  const all = async (name: string): Promise<SeenObject[]> => {
    const seen: SeenObject[] = [];
    for await (const { uuid, properties } of client.collections.use(name).iterator()) {
      seen.push({ id: uuid, properties: properties as Record<string, unknown> });
    }
    return seen.sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  try {
    return { chunks: await all(collection), manifest: await all(manifestCollection({ collection })) };
  } finally {
    await client.close();
  }
}

/** Weaviate's own client, with the key of the administrator unless another is given. */
export async function witness(
  { url, grpcUrl, keys }: Pick<Weaviate, "url" | "grpcUrl" | "keys">,
  key: string = keys.admin,
) {
  const [http, grpc] = [new URL(url), new URL(grpcUrl)];
  return await weaviateClient.connectToCustom({
    httpHost: http.hostname,
    httpPort: Number(http.port),
    httpSecure: false,
    grpcHost: grpc.hostname,
    grpcPort: Number(grpc.port),
    grpcSecure: false,
    authCredentials: new ApiKey(key),
  });
}
