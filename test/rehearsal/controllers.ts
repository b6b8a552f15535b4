import { setTimeout as sleep } from "node:timers/promises";
import { podOf } from "../infra/cluster.ts";
import { at, listAt, type Manifest } from "../infra/manifests.ts";
import type { KubernetesApi } from "../peers/kube-apiserver.ts";

/**
 * What the machines of a cluster would do; the controllers that ask them to are played here. `test/cluster` has
 * real ones, on nodes of their own; the rehearsal does not run on them yet.
 */
export interface Machines {
  /** Starts the workload of a StatefulSet. Resolves when every node is ready. */
  startNodes(statefulSet: Manifest): Promise<void>;
  /** Runs a Job's one pod. @returns its exit code. */
  runPod(job: Manifest, pod: string): Promise<number>;
}

export interface Controllers {
  stop(): Promise<void>;
}

const namespaced = (api: string, kind: string) => `/apis/${api}/v1/namespaces/isthmus/${kind}`;
const pods = "/api/v1/namespaces/isthmus/pods";
const mergePatch = "application/merge-patch+json";

/** Watches the API server for StatefulSets and Jobs and says in their status what becomes of them, as Kubernetes' own do. */
export function startControllers(api: KubernetesApi, machines: Machines): Controllers {
  let stopped = false;
  const seen = new Set<string>();
  const failures: unknown[] = [];

  async function patchStatus(path: string, status: object): Promise<void> {
    const answer = await api.send("PATCH", `${path}/status`, { status }, mergePatch);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  async function makePod(workload: Manifest, name: string): Promise<void> {
    const pod = podOf(workload);
    if (pod === undefined) throw new Error(`${workload.metadata.name} has no pod template`);
    const answer = await api.send("POST", pods, { ...pod, metadata: { ...pod.metadata, name } });
    if (answer.status !== 201) throw new Error(`pod ${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  async function runStatefulSet(set: Manifest): Promise<void> {
    const { name = "" } = set.metadata;
    const replicas = Number(at(set, "spec.replicas"));
    for (let index = 0; index < replicas; index++) await makePod(set, `${name}-${index}`);
    await machines.startNodes(set);
    for (let index = 0; index < replicas; index++)
      await patchStatus(`${pods}/${name}-${index}`, {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
      });
    await patchStatus(`${namespaced("apps", "statefulsets")}/${name}`, {
      observedGeneration: at(set, "metadata.generation"),
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
      currentRevision: `${name}-1`,
      updateRevision: `${name}-1`,
    });
  }

  async function runJob(job: Manifest): Promise<void> {
    const { name = "" } = job.metadata;
    const pod = `${name}-0-pod`;
    const startTime = new Date().toISOString();
    await makePod(job, pod);
    await patchStatus(`${pods}/${pod}`, { phase: "Running", startTime });
    await patchStatus(`${namespaced("batch", "jobs")}/${name}`, { startTime, active: 1 });
    const exitCode = await machines.runPod(job, pod);
    const finishedAt = new Date().toISOString();
    const terminated = { exitCode, startedAt: startTime, finishedAt, reason: exitCode === 0 ? "Completed" : "Error" };
    const [{ name: container = "", image = "" } = {}] = listAt(job, "spec.template.spec.containers") as {
      name?: string;
      image?: string;
    }[];
    const containerStatuses = [
      { name: container, image, imageID: image, ready: false, restartCount: 0, state: { terminated } },
    ];
    await patchStatus(`${pods}/${pod}`, { phase: exitCode === 0 ? "Succeeded" : "Failed", containerStatuses });
    await patchStatus(`${namespaced("batch", "jobs")}/${name}`, endOf(exitCode, finishedAt));
  }

  async function look(): Promise<void> {
    for (const [group, kind, plural, work] of [
      ["apps", "StatefulSet", "statefulsets", runStatefulSet],
      ["batch", "Job", "jobs", runJob],
    ] as const) {
      const path = namespaced(group, plural);
      const { body } = await api.send("GET", path);
      for (const item of listAt(body, "items") as readonly Manifest[]) {
        const key = `${path}/${item.metadata.name}`;
        if (seen.has(key)) continue;
        seen.add(key);
        // A list's items do not say what they are.
        await work({ ...item, apiVersion: `${group}/v1`, kind });
      }
    }
  }

  const looking = (async () => {
    while (!stopped) {
      await look().catch((error: unknown) => void failures.push(error));
      await sleep(200);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await looking;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** What the Job controller writes; the API server checks that it holds together. */
function endOf(exitCode: number, time: string): object {
  const condition = (type: string, reason: string) => ({
    type,
    status: "True",
    reason,
    lastTransitionTime: time,
    lastProbeTime: time,
  });
  if (exitCode === 0) {
    const reason = "CompletionsReached";
    const conditions = [condition("SuccessCriteriaMet", reason), condition("Complete", reason)];
    return { active: 0, succeeded: 1, completedIndexes: "0", completionTime: time, conditions };
  }
  const conditions = [condition("FailureTarget", "FailedIndexes"), condition("Failed", "FailedIndexes")];
  return { active: 0, failed: 1, failedIndexes: "0", conditions };
}
