import { createDesk } from "../support/cli.ts";
import { keys, type Place } from "./place.ts";

export interface Found {
  readonly uri: string;
  readonly content: string;
}

/** Asks the index in the cluster as the query function does: over the load balancer, with the reader's key. */
export async function search({ weaviate }: Place, question: string, mode = "hybrid"): Promise<Found[]> {
  const desk = createDesk({
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl,
    WEAVIATE_API_KEY: keys["reader-key"],
    WEAVIATE_CA_FILE: weaviate.authorityFile,
  });
  try {
    const answer = await desk.run("query", question, "--mode", mode, "--json");
    if (answer.code !== 0) throw new Error(answer.stderr);
    const { results } = answer.json<{ results: { content: string; source: { uri: string } }[] }>();
    return results.map(({ content, source }) => ({ content, uri: source.uri }));
  } finally {
    await desk.clear();
  }
}
