import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoProgram } from "./binaries.ts";

/** Without its version a part of Kubernetes takes itself for v0.0.0, and serves the APIs of then. */
const kubernetesFlags = [
  "-s -w",
  "-X k8s.io/component-base/version.gitVersion=v1.37.2",
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=37",
].join(" ");

/** The peers that come from Go modules, each at its exact version. */
export const goPrograms = {
  weaviate: {
    name: "weaviate-server",
    package: "github.com/weaviate/weaviate/cmd/weaviate-server",
    version: "v1.39.0",
    minutes: 3,
  },
  fakeGcs: {
    name: "fake-gcs-server",
    package: "github.com/fsouza/fake-gcs-server",
    version: "v1.56.0",
    minutes: 1,
  },
  pubSub: {
    name: "pubsub",
    package: "isthmus.test/peers/pubsub",
    version: sourceHash("pubsub"),
    module: "pubsub",
    linkerFlags: "-s -w",
    minutes: 1,
  },
  /** AWS's own stand-in for the platform around a function. Its module has no versions, so a commit of it. */
  lambdaEmulator: {
    name: "aws-lambda-rie",
    package: "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie",
    version: "v0.0.0-20261030222936-bef5c4ba774d",
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
    linkerFlags: kubernetesFlags,
    minutes: 5,
  },
  kubeMachine: {
    name: "kube-machine",
    package: "isthmus.test/peers/cluster",
    version: sourceHash("cluster/programs"),
    module: "cluster/programs",
    static: true,
    linkerFlags: kubernetesFlags,
    minutes: 6,
  },
  netpol: {
    name: "netpol",
    package: "isthmus.test/peers/cluster/netpol",
    version: sourceHash("cluster/programs", "netpol"),
    module: "cluster/programs",
    target: "./netpol",
    static: true,
    linkerFlags: "-s -w",
    minutes: 1,
  },
  coredns: {
    name: "coredns",
    package: "isthmus.test/peers/cluster/coredns",
    version: sourceHash("cluster/programs", "coredns"),
    module: "cluster/programs",
    target: "./coredns",
    static: true,
    linkerFlags: "-s -w",
    minutes: 1,
  },
  pause: {
    name: "pause",
    package: "isthmus.test/peers/cluster/pause",
    version: sourceHash("cluster/programs/pause"),
    module: "cluster/programs",
    target: "./pause",
    static: true,
    linkerFlags: "-s -w",
    minutes: 1,
  },
  kubectl: {
    name: "kubectl",
    package: "k8s.io/kubectl",
    version: "v1.37.2",
    module: "kubectl",
    linkerFlags: "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2",
    minutes: 1,
  },
  otelCollector: {
    name: "otel-collector",
    package: "go.opentelemetry.io/collector/otelcol",
    version: "v0.161.0",
    module: "otel-collector",
    linkerFlags: "-s -w",
    minutes: 8,
  },
  promtool: {
    name: "promtool",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    version: "v0.316.0",
    linkerFlags: "-s -w",
    minutes: 6,
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

/** The version of a program of ours is what it is made of: the files of a module's root, and of its own folder within. */
function sourceHash(module: string, target?: string): string {
  const hash = createHash("sha256");
  for (const folder of [module, ...(target === undefined ? [] : [`${module}/${target}`])]) {
    const path = join(import.meta.dirname, folder);
    const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
    // The module's own program is another matter than the one within.
    for (const { name } of files.sort((one, other) => (one.name < other.name ? -1 : 1)))
      if (target === undefined || folder !== module || name !== "main.go") hash.update(readFileSync(join(path, name)));
  }
  return hash.digest("hex").slice(0, 12);
}
