import { setTimeout as sleep } from "node:timers/promises";
import { createDesk } from "../support/cli.ts";
import { keys, type Place } from "./place.ts";

/** What became of the questions that were asked all the while. */
export interface Asked {
  readonly asked: number;
  /** Each with its status, code and sentence. */
  readonly lost: readonly string[];
  /** Each with the document that was found in place of the right one. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
}

export interface SteadyQuestions {
  /** Ends the asking. */
  end(): Promise<Asked>;
}

/** Starts a server of ours over the load balancer and asks it one question after the other, two at a time. */
export async function askSteadily(
  { weaviate }: Place,
  questions: ReadonlyMap<string, string>,
  key: string = keys["reader-key"],
): Promise<SteadyQuestions> {
  if (questions.size === 0) throw new Error("there is nothing to ask");
  const desk = createDesk({
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl,
    WEAVIATE_API_KEY: key,
    WEAVIATE_CA_FILE: weaviate.authorityFile,
  });
  const server = desk.start("serve");
  const [, url = ""] = await server.seen(/(http:\/\/127\.0\.0\.1:\d+)/);
  let ended = false;
  let asked = 0;
  let slowestMs = 0;
  const lost: string[] = [];
  const wrong: string[] = [];
  async function asker(): Promise<void> {
    while (!ended)
      for (const [question, uri] of questions) {
        if (ended) return;
        const startedAt = performance.now();
        const response = await fetch(`${url}/query`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query: question, k: 1 }),
        });
        const body = (await response.json()) as {
          code?: string;
          error?: string;
          results?: { source: { uri: string } }[];
        };
        asked += 1;
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        if (response.status !== 200) lost.push(`${response.status} ${body.code}: ${body.error}`);
        else if (body.results?.[0]?.source.uri !== uri) wrong.push(`${question}: ${body.results?.[0]?.source.uri}`);
        await sleep(50);
      }
  }
  // A failure is told at the end, not in the middle of something else.
  const asking = Promise.allSettled([asker(), asker()]);
  return {
    async end() {
      ended = true;
      const outcomes = await asking;
      await desk.clear();
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      return { asked, lost, wrong, slowestMs: Math.round(slowestMs) };
    },
  };
}
