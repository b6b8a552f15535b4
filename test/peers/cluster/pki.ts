import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Of the address of the API server as the nodes see it. */
export const apiAddress = "https://172.30.0.1:6443";
const highestNode = 4;

/** Writes the authority, the certificates, the tokens and the kubeconfig of everybody who speaks to the API server into `folder`. */
export function writePki(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=isthmus cluster");
  const certificate = (name: string, subject: string, names: string) =>
    openssl(
      ...["req", "-x509", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", subject],
      ...["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", `subjectAltName=${names}`],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth,clientAuth"],
    );
  const dns = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];
  const addresses = ["127.0.0.1", "172.30.0.1", "10.96.0.1"];
  certificate(
    "apiserver",
    "/CN=kube-apiserver",
    [...addresses.map((address) => `IP:${address}`), ...dns.map((name) => `DNS:${name}`)].join(","),
  );
  certificate("kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", "DNS:apiserver");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "accounts.key"), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });

  const authority = readFileSync(join(folder, "ca.crt")).toString("base64");
  const tokens: string[] = [];
  const user = (file: string, name: string, group = "") => {
    const token = randomBytes(16).toString("hex");
    tokens.push(`${token},${name},${name},"${group}"`);
    writeFileSync(join(folder, `${file}.kubeconfig`), kubeconfig(apiAddress, authority, token), { mode: 0o600 });
    return token;
  };
  const administrator = user("administrator", "administrator", "system:masters");
  writeFileSync(join(folder, "administrator.token"), administrator, { mode: 0o600 });
  user("controller-manager", "system:kube-controller-manager");
  user("scheduler", "system:kube-scheduler");
  user("kube-proxy", "system:kube-proxy");
  user("policies", "policies", "system:masters");
  for (let node = 1; node <= highestNode; node++) user(`node${node}`, `system:node:node${node}`, "system:nodes");
  writeFileSync(join(folder, "tokens.csv"), `${tokens.join("\n")}\n`, { mode: 0o600 });
}

/** @param authority the certificate, in base64 of its PEM. */
export function kubeconfig(server: string, authority: string, token: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "peer",
    contexts: [{ name: "peer", context: { cluster: "peer", user: "peer" } }],
    clusters: [{ name: "peer", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "peer", user: { token } }],
  });
}
