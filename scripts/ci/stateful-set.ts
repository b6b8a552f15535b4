import { changeCluster, kubectl } from "./kubernetes.ts";
import type { Tools } from "./tools.ts";

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Its name in the manifests of an overlay. */
export const statefulSetOf = (overlay: string) => (overlay.startsWith("starter") ? "weaviate-starter" : "weaviate");

/** Which revision the StatefulSet is moving to. */
export async function updateRevision(name: string, tools: Tools): Promise<string> {
  const path = "jsonpath={.status.updateRevision}";
  return (await kubectl(["get", `statefulset/${name}`, "-o", path], tools)).stdout.trim();
}

/**
 * Waits until every pod is of the newest revision and available. `rollout status` is content with ready ones; while the last of them is
 * not yet available (minReadySeconds), the disruption budget does not count it, and the next rollout would take two at once.
 */
export async function rolledOut(name: string, timeout: string, tools: Tools): Promise<boolean> {
  const statefulSet = `statefulset/${name}`;
  const waiting = { show: true, expected: [0, 1] };
  const { code } = await kubectl(["rollout", "status", statefulSet, `--timeout=${timeout}`], tools, waiting);
  if (code !== 0) return false;
  const { stdout } = await kubectl(["get", statefulSet, "-o", "jsonpath={.spec.replicas}"], tools);
  const available = `--for=jsonpath={.status.availableReplicas}=${stdout.trim()}`;
  return (await kubectl(["wait", statefulSet, available, `--timeout=${timeout}`], tools, waiting)).code === 0;
}

/** What a person wants to see first of a rollout that hangs. */
export async function showPods(name: string, tools: Tools): Promise<void> {
  const options = { show: true, expected: [0, 1] };
  await kubectl(["get", "pods", "-l", "app.kubernetes.io/name=weaviate", "-o", "wide"], tools, options);
  await kubectl(["get", "events", "--field-selector", "type=Warning", "--sort-by=.lastTimestamp"], tools, options);
  tools.say(`kubectl -n isthmus describe statefulset/${name} says more`);
}

export interface RollBack {
  /** Revision whose pods may hang; a StatefulSet waits for ever for such a pod, so what is not ready of it is deleted. */
  readonly failed: string;
  /** Default: the one before. */
  readonly revision?: string;
  readonly timeout: string;
}

/** Goes back to an earlier pod template. @throws when there is none, or when it does not become ready either. */
export async function rollBackStatefulSet(
  name: string,
  { failed, revision, timeout }: RollBack,
  tools: Tools,
): Promise<void> {
  const to = revision === undefined ? [] : [`--to-revision=${revision}`];
  await changeCluster(["rollout", "undo", `statefulset/${name}`, ...to], tools, { show: true });
  const selector = `app.kubernetes.io/name=weaviate,controller-revision-hash=${failed}`;
  const { stdout } = await kubectl(["get", "pods", "-l", selector, "-o", "json"], tools);
  const pods: { readonly items: readonly Pod[] } = JSON.parse(stdout);
  for (const { metadata, status } of pods.items) {
    const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
    if (!ready) await changeCluster(["delete", "pod", metadata.name, "--wait=false"], tools);
  }
  if (!tools.dryRun && !(await rolledOut(name, timeout, tools)))
    throw new Error(`its pods were not available within ${timeout}`);
}
