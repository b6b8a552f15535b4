import { at, listAt, type Manifest } from "./manifests.ts";
import { raftViolations } from "./raft-rules.ts";

/** Our own rules on the objects of an overlay, which no general checker knows. [] when all hold. */
export function violations(manifests: readonly Manifest[], options: { readonly public?: boolean } = {}): string[] {
  return [
    ...manifests.flatMap(publicService(options.public === true)),
    ...manifests.flatMap(secretInFile),
    ...manifests.flatMap(unpinnedImage),
    ...manifests.flatMap(jobThatStopsItself),
    ...raftViolations(manifests),
    ...namespaceWithoutPodSecurity(manifests),
    ...podsWithoutDefaultDeny(manifests),
    ...podsWithoutIdentity(manifests),
  ];
}

const name = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name ?? metadata.generateName}`;

function publicService(allowed: boolean) {
  return (manifest: Manifest): string[] => {
    const type = at(manifest, "spec.type");
    if (manifest.kind === "Ingress" || manifest.kind === "Gateway") return [`${name(manifest)} is an open door`];
    if (manifest.kind !== "Service" || type === undefined || type === "ClusterIP") return [];
    if (type !== "LoadBalancer") return [`${name(manifest)} is a ${type}, which opens a port of every node`];
    if (manifest.metadata.annotations?.["networking.gke.io/load-balancer-type"] === "Internal")
      return internalService(manifest);
    if (!allowed) return [`${name(manifest)} is a public load balancer`];
    const ranges = listAt(manifest, "spec.loadBalancerSourceRanges");
    const plain = listAt(manifest, "spec.ports").filter((port) => at(port, "port") === 80);
    return [
      ...(ranges.length === 0 || ranges.some((range) => `${range}`.endsWith("/0"))
        ? [`${name(manifest)} is public and admits every address`]
        : []),
      ...plain.map(() => `${name(manifest)} is public and speaks plain HTTP`),
    ];
  };
}

/** The other cloud calls from another region; and without ranges GKE's own firewall rule admits everything in the network. */
function internalService(manifest: Manifest): string[] {
  const everywhere = "networking.gke.io/internal-load-balancer-allow-global-access";
  return [
    ...(manifest.metadata.annotations?.[everywhere] === "true"
      ? []
      : [`${name(manifest)} answers its own region alone`]),
    ...(listAt(manifest, "spec.loadBalancerSourceRanges").length > 0 ? [] : [`${name(manifest)} admits every address`]),
    // Under `Cluster` a node that passes a packet on puts its own address in place of the client's, which no policy lets in.
    ...(at(manifest, "spec.externalTrafficPolicy") === "Local" ? [] : [`${name(manifest)} hides the client's address`]),
  ];
}

/**
 * Where GKE's metadata server answers, which hands out Workload Identity's tokens: the first with Dataplane V2, the second without.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity
 */
const metadataServer = [
  ["169.254.169.254/32", 80],
  ["169.254.169.252/32", 988],
] as const;

/** Without a token nothing of Google's is reached, so each pod with an account of Google's must get at it. */
function podsWithoutIdentity(manifests: readonly Manifest[]): string[] {
  const accounts = manifests.some(({ metadata }) => metadata.annotations?.["iam.gke.io/gcp-service-account"]);
  const open = manifests
    .filter((one) => one.kind === "NetworkPolicy" && Object.keys(at(one, "spec.podSelector") ?? {}).length === 0)
    .flatMap((one) => listAt(one, "spec.egress"))
    .flatMap((rule) =>
      listAt(rule, "to").flatMap((to) =>
        listAt(rule, "ports").map((port) => `${at(to, "ipBlock.cidr")}:${at(port, "port")}`),
      ),
    );
  return metadataServer
    .map(([range, port]) => `${range}:${port}`)
    .filter((place) => accounts && !open.includes(place))
    .map((place) => `no NetworkPolicy lets pods reach the metadata server at ${place}`);
}

/** Documents that fail in one share of the bucket must not end the pods that work on the others. */
function jobThatStopsItself(manifest: Manifest): string[] {
  if (manifest.kind !== "Job") return [];
  return [
    ...(at(manifest, "spec.maxFailedIndexes") === undefined ? [] : [`${name(manifest)} gives up after some shares`]),
    ...(at(manifest, "spec.template.spec.restartPolicy") === "Never"
      ? []
      : [`${name(manifest)} restarts containers in place, where no policy sees their exit codes`]),
  ];
}

/** A key's value belongs to Secret Manager; a file may only say where it is. */
function secretInFile(manifest: Manifest): string[] {
  if (manifest.kind === "Secret") return [`${name(manifest)} is a secret in a file`];
  const settings = Object.entries(manifest.kind === "ConfigMap" ? (manifest.data ?? {}) : {});
  const environment = containersOf(manifest).flatMap((container) =>
    listAt(container, "env").map((variable) => [`${at(variable, "name")}`, at(variable, "value")] as const),
  );
  return [...settings, ...environment]
    .filter(([key, value]) => /KEY|SECRET|TOKEN|PASSWORD/.test(key) && !isHarmless(key, value))
    .map(([key]) => `${name(manifest)} spells out the value of ${key}`);
}

/** Not there, a switch, a path, or versions of a key that lies in Secret Manager. */
function isHarmless(key: string, value: unknown): boolean {
  if (value === undefined || value === "true" || value === "false") return true;
  return `${value}`.startsWith("/") || (key.endsWith("_VERSIONS") && /^[\d,]+$/.test(`${value}`));
}

function unpinnedImage(manifest: Manifest): string[] {
  return containersOf(manifest)
    .map((container) => `${at(container, "image")}`)
    .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image))
    .map((image) => `${name(manifest)} runs ${image}, which is not pinned by digest`);
}

function namespaceWithoutPodSecurity(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter(({ kind }) => kind === "Namespace")
    .filter(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
    .map((namespace) => `${name(namespace)} does not enforce restricted Pod Security`);
}

function podsWithoutDefaultDeny(manifests: readonly Manifest[]): string[] {
  const denies = manifests.some(
    (one) =>
      one.kind === "NetworkPolicy" &&
      Object.keys(at(one, "spec.podSelector") ?? {}).length === 0 &&
      at(one, "spec.ingress") === undefined &&
      at(one, "spec.egress") === undefined &&
      listAt(one, "spec.policyTypes").length === 2,
  );
  const hasPods = manifests.some(({ kind }) => ["StatefulSet", "Deployment", "DaemonSet"].includes(kind));
  return hasPods && !denies ? ["no NetworkPolicy denies by default"] : [];
}

function containersOf(manifest: Manifest): readonly unknown[] {
  return ["spec.template.spec.initContainers", "spec.template.spec.containers"].flatMap((path) =>
    listAt(manifest, path),
  );
}
