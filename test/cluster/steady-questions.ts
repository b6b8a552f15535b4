import { setTimeout as sleep } from "node:timers/promises";
import { at, listAt } from "../infra/manifests.ts";
import { createDesk } from "../support/cli.ts";
import { keys, type Place } from "./place.ts";

/** What became of the questions that were asked all the while. */
export interface Asked {
  readonly asked: number;
  /** Each with when it was asked, how long it took, its status and code, what the server's log says of it, and the cluster then. */
  readonly lost: readonly string[];
  /** Each with the document that was found in place of the right one. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
}

export interface SteadyQuestions {
  /** So far. */
  asked(): number;
  /** Ends the asking. */
  end(): Promise<Asked>;
}

/** Starts a server of ours over the load balancer and asks it one question after the other, two at a time. */
export async function askSteadily(
  place: Place,
  questions: ReadonlyMap<string, string>,
  key: string = keys["reader-key"],
): Promise<SteadyQuestions> {
  if (questions.size === 0) throw new Error("there is nothing to ask");
  const { weaviate } = place;
  const desk = createDesk({
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl,
    WEAVIATE_API_KEY: key,
    WEAVIATE_CA_FILE: weaviate.authorityFile,
    ISTHMUS_LOG: "json",
  });
  const server = desk.start("serve");
  const [, url = ""] = await server.seen(/(http:\/\/127\.0\.0\.1:\d+)/);
  let ended = false;
  let asked = 0;
  let slowestMs = 0;
  const begunAt = performance.now();
  const lost: { readonly traceId: string; readonly story: Promise<string> }[] = [];
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
          trace_id?: string;
          results?: { source: { uri: string } }[];
        };
        asked += 1;
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        const seconds = (at: number) => ((at - begunAt) / 1000).toFixed(1);
        const when = `asked after ${seconds(startedAt)} s, told after ${seconds(performance.now())} s`;
        if (response.status !== 200)
          lost.push({
            traceId: `${body.trace_id}`,
            story: stateOf(place).then((state) => `${when}: ${response.status} ${body.code}; ${state}`),
          });
        else if (body.results?.[0]?.source.uri !== uri) wrong.push(`${question}: ${body.results?.[0]?.source.uri}`);
        await sleep(50);
      }
  }
  // A failure is told at the end, not in the middle of something else.
  const asking = Promise.allSettled([asker(), asker()]);
  return {
    asked: () => asked,
    async end() {
      ended = true;
      const outcomes = await asking;
      await desk.clear();
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      const log = (await server.ended).stderr.split("\n");
      const stories = lost.map(
        async ({ traceId, story }) =>
          `${await story}; its log: ${log.find((line) => line.includes(traceId)) ?? `nothing of ${traceId}`}`,
      );
      return { asked, lost: await Promise.all(stories), wrong, slowestMs: Math.round(slowestMs) };
    },
  };
}

/** Nodes and pods at this moment, in a line. */
async function stateOf({ cluster }: Place): Promise<string> {
  const told = async (path: string) => {
    const { body } = await cluster.send("GET", path);
    return listAt(body, "items").map((each) => {
      const ready = listAt(each, "status.conditions").find((one) => at(one, "type") === "Ready");
      const going = at(each, "metadata.deletionTimestamp") === undefined ? "" : ", going";
      return `${at(each, "metadata.name")} ${at(ready, "status") === "True" ? "ready" : "not ready"}${going}`;
    });
  };
  const all = ["/api/v1/nodes", "/api/v1/namespaces/isthmus/pods?labelSelector=app.kubernetes.io/name=weaviate"];
  return (await Promise.all(all.map((path) => told(path).catch(() => ["nothing known"])))).flat().join(", ");
}
