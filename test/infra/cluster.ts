import type { KubernetesAnswer, KubernetesApi } from "../peers/kube-apiserver.ts";
import { at, listAt, type Manifest } from "./manifests.ts";

/** How `kubectl apply --server-side` and `kubectl create` reach the API server. */
export interface Cluster {
  /** As `kubectl apply --server-side --validate=strict`; with `dryRun` nothing is kept. */
  apply(manifest: Manifest, options?: { readonly dryRun?: boolean }): Promise<KubernetesAnswer>;
  create(manifest: Manifest, options?: { readonly dryRun?: boolean }): Promise<KubernetesAnswer>;
  get(manifest: Manifest): Promise<KubernetesAnswer>;
}

export function createCluster(api: KubernetesApi): Cluster {
  const resources = new Map<string, Promise<{ name: string; namespaced: boolean }>>();

  async function collection(manifest: Manifest): Promise<string> {
    const { apiVersion, kind } = manifest;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const key = `${root} ${kind}`;
    const resource = resources.get(key) ?? discover(root, kind);
    resources.set(key, resource);
    const { name, namespaced } = await resource;
    return namespaced ? `${root}/namespaces/${manifest.metadata.namespace}/${name}` : `${root}/${name}`;
  }

  async function discover(root: string, kind: string): Promise<{ name: string; namespaced: boolean }> {
    const { body } = await api.send("GET", root);
    const found = listAt(body, "resources").find(
      (one) => at(one, "kind") === kind && !`${at(one, "name")}`.includes("/"),
    );
    if (found === undefined) throw new Error(`the API server knows no ${kind} in ${root}`);
    return { name: `${at(found, "name")}`, namespaced: at(found, "namespaced") === true };
  }

  const query = (dryRun: boolean | undefined) => `fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`;
  return {
    async apply(manifest, { dryRun } = {}) {
      const path = `${await collection(manifest)}/${manifest.metadata.name}?fieldManager=test&force=true&${query(dryRun)}`;
      return await api.send("PATCH", path, manifest, "application/apply-patch+yaml");
    },
    async create(manifest, { dryRun } = {}) {
      return await api.send("POST", `${await collection(manifest)}?${query(dryRun)}`, manifest);
    },
    async get(manifest) {
      return await api.send("GET", `${await collection(manifest)}/${manifest.metadata.name}`);
    },
  };
}

/** The pod that a workload's controller would make. Pod Security only warns of a workload; it refuses the pod. */
export function podOf(workload: Manifest): Manifest | undefined {
  const template = at(workload, "spec.template") as Pick<Manifest, "metadata" | "spec"> | undefined;
  if (template === undefined) return undefined;
  const { name = `${workload.metadata.generateName}0`, namespace = "default" } = workload.metadata;
  // The controller makes a pod's volume of each claim template.
  const volumes = listAt(workload, "spec.volumeClaimTemplates").map((claim) => ({
    name: at(claim, "metadata.name"),
    persistentVolumeClaim: { claimName: `${at(claim, "metadata.name")}-${name}-0` },
  }));
  const spec = template.spec as Record<string, unknown>;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${name}-pod`, namespace },
    spec: { ...spec, volumes: [...listAt(spec, "volumes"), ...volumes] },
  };
}
