import { setTimeout as sleep } from "node:timers/promises";
import { at, listAt } from "../infra/manifests.ts";
import type { KubernetesApi } from "../peers/kube-apiserver.ts";

/** A pod that was there during the rehearsal, as it was last seen. */
export interface SeenPod {
  readonly name: string;
  readonly node: string;
  readonly phase: string;
  readonly restarts: number;
  /** ISO 8601; "" where it was not reached. */
  readonly created: string;
  readonly ready: string;
  /** What the cluster said of it, each with how often. */
  readonly events: readonly string[];
}

export interface PodWatch {
  /** Ends the watch. */
  end(): Promise<SeenPod[]>;
}

/** Looks at the pods of a namespace and at its events again and again: both are gone in the end. */
export function watchPods(api: Pick<KubernetesApi, "send">, namespace: string): PodWatch {
  const pods = new Map<string, Omit<SeenPod, "events">>();
  const events = new Map<string, { pod: string; text: string; count: number }>();
  const path = (kind: string) => `/api/v1/namespaces/${namespace}/${kind}`;

  async function look(): Promise<void> {
    const listed = await api.send("GET", path("pods"));
    for (const pod of listAt(listed.body, "items")) {
      const name = `${at(pod, "metadata.name")}`;
      const ready = listAt(pod, "status.conditions").find((one) => at(one, "type") === "Ready");
      const seen = {
        name,
        node: `${at(pod, "spec.nodeName") ?? ""}`,
        phase: `${at(pod, "status.phase") ?? ""}`,
        restarts: listAt(pod, "status.containerStatuses").reduce<number>(
          (sum, one) => sum + Number(at(one, "restartCount")),
          0,
        ),
        created: `${at(pod, "metadata.creationTimestamp") ?? ""}`,
        ready: at(ready, "status") === "True" ? `${at(ready, "lastTransitionTime")}` : (pods.get(name)?.ready ?? ""),
      };
      pods.set(`${at(pod, "metadata.uid")}`, seen);
    }
    const said = await api.send("GET", path("events"));
    for (const event of listAt(said.body, "items")) {
      if (at(event, "involvedObject.kind") !== "Pod") continue;
      const [reason, message] = [at(event, "reason"), at(event, "message")];
      const text = at(event, "type") === "Warning" ? `${reason}: ${`${message}`.slice(0, 120)}` : `${reason}`;
      const count = Number(at(event, "count") ?? 1) || 1;
      events.set(`${at(event, "metadata.uid")}`, { pod: `${at(event, "involvedObject.uid")}`, text, count });
    }
  }

  let ended = false;
  const watching = (async () => {
    while (!ended) {
      // The API server may be busy; the next look sees what this one missed.
      await look().catch(() => {});
      await sleep(1000);
    }
  })();
  return {
    async end() {
      ended = true;
      await watching;
      await look().catch(() => {});
      return [...pods].map(([uid, pod]) => {
        const counts = new Map<string, number>();
        for (const { pod: of, text, count } of events.values())
          if (of === uid) counts.set(text, (counts.get(text) ?? 0) + count);
        return { ...pod, events: [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count})`)) };
      });
    },
  };
}
