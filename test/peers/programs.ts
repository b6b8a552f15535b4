import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoProgram } from "./binaries.ts";

/** The peers that come from Go modules, each at its exact version. */
export const goPrograms = {
  weaviate: {
    name: "weaviate-server",
    package: "github.com/weaviate/weaviate/cmd/weaviate-server",
    version: "v1.39.0",
    minutes: 6,
  },
  fakeGcs: {
    name: "fake-gcs-server",
    package: "github.com/fsouza/fake-gcs-server",
    version: "v1.56.0",
    minutes: 2,
  },
  pubSub: {
    name: "pubsub",
    package: "isthmus.test/peers/pubsub",
    version: sourceHash("pubsub"),
    module: "pubsub",
    linkerFlags: "-s -w",
    minutes: 1,
  },
  etcd: {
    name: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    version: "v3.7.3",
    module: "etcd",
    linkerFlags: "-s -w",
    minutes: 1,
  },
  kubeApiserver: {
    name: "kube-apiserver",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    version: "v1.37.2",
    module: "kube-apiserver",
    // Without its version the server takes itself for v0.0.0, and serves the APIs of then.
    linkerFlags: [
      "-s -w",
      "-X k8s.io/component-base/version.gitVersion=v1.37.2",
      "-X k8s.io/component-base/version.gitMajor=1",
      "-X k8s.io/component-base/version.gitMinor=37",
    ].join(" "),
    minutes: 8,
  },
  kubectl: {
    name: "kubectl",
    package: "k8s.io/kubectl",
    version: "v1.37.2",
    module: "kubectl",
    linkerFlags: "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2",
    minutes: 4,
  },
  kustomize: {
    name: "kustomize",
    package: "sigs.k8s.io/kustomize/kustomize/v5",
    // The newest that Go 1.26 builds.
    version: "v5.8.2",
    minutes: 1,
  },
  kubeScore: {
    name: "kube-score",
    package: "github.com/zegl/kube-score/cmd/kube-score",
    version: "v1.20.0",
    minutes: 1,
  },
  terraformProvider: {
    name: "terraform-provider-schema-only",
    package: "isthmus.test/peers/terraform-provider",
    version: sourceHash("terraform/provider"),
    module: "terraform/provider",
    minutes: 1,
  },
} as const satisfies Record<string, GoProgram>;

/** The version of a program of ours is what it is made of. */
function sourceHash(module: string): string {
  const folder = join(import.meta.dirname, module);
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}
