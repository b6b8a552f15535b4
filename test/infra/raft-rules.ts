import { at, listAt, type Manifest } from "./manifests.ts";

/** What a set of several nodes needs to form one cluster, and to keep it while a node or a zone is away. [] when all holds. */
export function raftViolations(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ kind, spec }) => kind === "StatefulSet" && Number(at(spec, "replicas")) > 1)
    .flatMap((set) => [
      ...forming(set, manifests),
      ...spread(set),
      ...(isGuarded(set, manifests) ? [] : [`no budget keeps ${set.metadata.name} from losing two nodes at once`]),
    ]);
}

function forming(set: Manifest, manifests: readonly Manifest[]): string[] {
  const name = `${set.metadata.name}`;
  const replicas = Number(at(set, "spec.replicas"));
  const environment = new Map(
    listAt(set, "spec.template.spec.containers.0.env").map((one) => [`${at(one, "name")}`, at(one, "value")]),
  );
  const peers = Array.from({ length: replicas }, (_, index) => `${name}-${index}`).join(",");
  const service = manifests.find((one) => one.kind === "Service" && one.metadata.name === at(set, "spec.serviceName"));
  const headless = at(service, "spec.clusterIP") === "None" && at(service, "spec.publishNotReadyAddresses") === true;
  return [
    ...(at(set, "spec.podManagementPolicy") === "Parallel" ? [] : [`${name}'s pods wait for each other`]),
    ...(headless ? [] : [`${name}'s nodes cannot find each other before they are ready`]),
    ...(environment.get("RAFT_JOIN") === peers ? [] : [`RAFT_JOIN is not ${peers}`]),
    ...["RAFT_BOOTSTRAP_EXPECT", "REPLICATION_MINIMUM_FACTOR"]
      .filter((variable) => environment.get(variable) !== `${replicas}`)
      .map((variable) => `${variable} is not ${replicas}`),
  ];
}

function spread(set: Manifest): string[] {
  const place = "spec.template.spec";
  const anti = listAt(set, `${place}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution`);
  const zones = listAt(set, `${place}.topologySpreadConstraints`).filter(
    (one) =>
      at(one, "topologyKey") === "topology.kubernetes.io/zone" &&
      at(one, "whenUnsatisfiable") === "DoNotSchedule" &&
      at(one, "maxSkew") === 1,
  );
  const apart = (one: unknown) => selects(at(one, "labelSelector.matchLabels"), set);
  return [
    ...(anti.some((one) => at(one, "topologyKey") === "kubernetes.io/hostname" && apart(one))
      ? []
      : [`two nodes of ${set.metadata.name} may share a machine`]),
    ...(zones.some(apart) ? [] : [`${set.metadata.name} may lie in one zone`]),
  ];
}

function isGuarded(set: Manifest, manifests: readonly Manifest[]): boolean {
  return manifests.some(
    (one) =>
      one.kind === "PodDisruptionBudget" &&
      at(one, "spec.maxUnavailable") === 1 &&
      selects(at(one, "spec.selector.matchLabels"), set),
  );
}

/** Do these labels pick the set's pods? */
function selects(labels: unknown, set: Manifest): boolean {
  const own = Object(at(set, "spec.template.metadata.labels"));
  const wanted = Object.entries(Object(labels));
  return wanted.length > 0 && wanted.every(([key, value]) => own[key] === value);
}
