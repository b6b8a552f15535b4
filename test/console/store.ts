import type { Weaviate } from "../peers/weaviate.ts";

/** What makes a command work on this Weaviate, in collections of its own. */
export function onWeaviate({ url, grpcUrl, keys }: Weaviate, collection: string): NodeJS.ProcessEnv {
  return {
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: url,
    WEAVIATE_GRPC_URL: grpcUrl.replace("http://", ""),
    WEAVIATE_API_KEY: keys.admin,
    ISTHMUS_REPLICATION_FACTOR: "1",
    ISTHMUS_COLLECTION: collection,
  };
}
