import { spawnSync } from "node:child_process";
import { goBinary, missing } from "../binaries.ts";
import { goPrograms } from "../programs.ts";
import { rootFileSystem, rootFileSystems } from "./root-file-systems.ts";

/** Why no cluster can stand here, as the reason of a skipped suite. @throws with CI=true on Linux as root. */
export async function clusterMissing(tell: (line: string) => void = () => {}): Promise<string | false> {
  const reason = unableBecause();
  if (reason !== undefined) {
    // A machine that could never hold one is no failure of CI; one that should and does not is.
    if (process.platform !== "linux" || process.getuid?.() !== 0) return reason;
    return missing(reason).skip;
  }
  for (const system of Object.values(rootFileSystems)) {
    const { skip } = rootFileSystem(system, tell);
    if (skip !== false) return skip;
  }
  const { etcd, kubeApiserver, kubeMachine, netpol, coredns, pause, weaviate } = goPrograms;
  for (const program of [etcd, kubeApiserver, kubeMachine, netpol, coredns, pause, weaviate]) {
    const { skip } = await goBinary(program, tell);
    if (skip !== false) return skip;
  }
  return false;
}

function unableBecause(): string | undefined {
  if (process.platform !== "linux") return "a cluster needs Linux: its nodes are namespaces of the kernel";
  if (process.getuid?.() !== 0) return "a cluster needs root, for the namespaces of its nodes";
  for (const tool of ["unshare", "nsenter", "ip", "openssl"])
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0)
      return `a cluster needs ${tool} (Debian: util-linux, iproute2, openssl)`;
  if (spawnSync("unshare", ["--mount", "--net", "--pid", "--fork", "true"]).status !== 0)
    return "a cluster needs namespaces, which this machine refuses (in a container: run it privileged)";
  return undefined;
}
