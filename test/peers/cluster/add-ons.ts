import type { KubernetesApi } from "../kube-apiserver.ts";

/** The address of the cluster's names, as kubelets tell their pods. */
const namesAddress = "10.96.0.10";

const corefile = `.:53 {
  errors
  health :8080
  ready :8181
  cache 5
  hosts {
    169.254.169.254 metadata.google.internal
    199.36.153.8 private.googleapis.com storage.googleapis.com pubsub.googleapis.com
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa {
    pods insecure
    ttl 5
  }
}
`;

const account = { name: "coredns", namespace: "kube-system" };
const labels = { "k8s-app": "kube-dns" };

const objects: readonly [path: string, object: object][] = [
  ["/api/v1/namespaces/kube-system/serviceaccounts", { apiVersion: "v1", kind: "ServiceAccount", metadata: account }],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:coredns" },
      rules: [
        { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
      subjects: [{ kind: "ServiceAccount", ...account }],
    },
  ],
  [
    "/api/v1/namespaces/kube-system/configmaps",
    { apiVersion: "v1", kind: "ConfigMap", metadata: account, data: { Corefile: corefile } },
  ],
  [
    "/apis/apps/v1/namespaces/kube-system/deployments",
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...account, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: "system-cluster-critical",
            // A node that is lost takes the names along for no longer than it must.
            tolerations: [
              { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 1 },
              { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 1 },
            ],
            dnsPolicy: "Default",
            containers: [
              {
                name: "coredns",
                image: "localhost/coredns:1",
                imagePullPolicy: "Never",
                args: ["-conf", "/etc/coredns/Corefile"],
                securityContext: {
                  runAsUser: 0,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
                },
                readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
                volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns" }],
              },
            ],
            volumes: [{ name: "configuration", configMap: { name: account.name } }],
          },
        },
      },
    },
  ],
  [
    "/api/v1/namespaces/kube-system/services",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system", labels },
      spec: {
        clusterIP: namesAddress,
        selector: labels,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    },
  ],
];

/** What a cluster has before anybody deploys to it: the names of its Services. */
export async function addOns(api: Pick<KubernetesApi, "send">): Promise<void> {
  for (const [path, object] of objects) {
    const { status, body } = await api.send("POST", path, object);
    if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  }
}
