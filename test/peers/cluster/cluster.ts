import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Binary, goBinary } from "../binaries.ts";
import { createSender, type KubernetesApi } from "../kube-apiserver.ts";
import { goPrograms } from "../programs.ts";
import { clusterMissing } from "./able.ts";
import { addOns } from "./add-ons.ts";
import { type Doors, openDoors } from "./doors.ts";
import { platformImages } from "./images.ts";
import { kubeconfig, writePki } from "./pki.ts";
import { rootFileSystem, rootFileSystems } from "./root-file-systems.ts";

/** A Kubernetes of real nodes on this machine: each has its own network, processes, disk and control group. */
export interface KubernetesCluster extends KubernetesApi {
  readonly folder: string;
  readonly doors: Doors;
  /** Starts node `n` (1 to 4), or starts it again with the disk it had. Resolves when it is ready for pods. */
  startNode(n: number): Promise<void>;
  /** A power cut. */
  killNode(n: number): Promise<void>;
  /**
   * Lets every node have an image, by its tag and by its digest.
   *
   * @param archive a file made by `buildah push … docker-archive:`. @returns the digest, `sha256:…`, as the nodes know it.
   */
  loadImage(archive: string): Promise<string>;
  /** As the nodes know the image of that name. */
  digestOf(image: string): string;
  /** Runs a program of this machine in the network that the nodes stand in. @throws with its errors. */
  inLan(command: readonly string[]): Promise<string>;
  /** Runs a program on a node. @returns what it printed. @throws with its errors. */
  onNode(n: number, command: readonly string[]): string;
  /** The last lines of a part's log: etcd, apiserver, controller-manager, scheduler, doors, or nodeN/kubelet and so on. */
  log(part: string): string;
}

const shell = join(import.meta.dirname, "shell");
const readyWithinMs = 300_000;
const execute = promisify(execFile);

/** Starts the control plane and `nodes` nodes, with names and network policies at work. About half a minute. */
export async function startKubernetesCluster({
  nodes = 1,
}: {
  readonly nodes?: number;
} = {}): Promise<KubernetesCluster> {
  const reason = await clusterMissing();
  if (reason !== false) throw new Error(reason);
  const path = ({ path: found }: Binary) => {
    if (found === undefined) throw new Error("a part of the cluster is missing");
    return found;
  };
  const program = async (name: keyof typeof goPrograms) => path(await goBinary(goPrograms[name]));
  const images = await platformImages();
  const folder = mkdtempSync(join(tmpdir(), "isthmus-cluster-"));
  for (const part of ["log", "nodes", "volumes", "images"]) mkdirSync(join(folder, part));
  writePki(join(folder, "pki"));
  const programs = {
    ETCD: await program("etcd"),
    APISERVER: await program("kubeApiserver"),
    MACHINE: await program("kubeMachine"),
    NETPOL: await program("netpol"),
    NODE: process.execPath,
    DOORS: join(import.meta.dirname, "doors.mjs"),
    ROOTFS: path(rootFileSystem(rootFileSystems.node)),
  };
  for (const image of readdirSync(images)) link(join(images, image), join(folder, "images", image));
  const lines = Object.entries(programs).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(join(folder, "programs.env"), `${lines.join("\n")}\n`);

  const keeper = spawn(
    "bash",
    [
      join(shell, "keeper.sh"),
      folder,
      `isthmus-${randomBytes(4).toString("hex")}`,
      "bash",
      join(shell, "lan.sh"),
      folder,
    ],
    // A session of its own: what ends us must not end it before it has cleaned up.
    { stdio: ["pipe", "inherit", "inherit"], detached: true },
  );
  const machines = new Map<number, ChildProcess>();
  const doors = openDoors(folder);
  const log = (part: string) => tail(folder, part);
  const stop = async () => {
    await doors.close();
    keeper.stdin.end();
    if (keeper.exitCode === null) await once(keeper, "exit");
  };
  try {
    await until(
      "the cluster's network",
      // On a busy machine the keeper may learn of its first process after that one has opened the doors.
      async () => existsSync(join(folder, "door.sock")) && existsSync(join(folder, "first.pid")),
      () => log("doors"),
    );
    const first = readFileSync(join(folder, "first.pid"), "utf8").trim();
    const within = ["-t", first, "--mount", "--net", "--pid", "--uts", "--ipc"];
    const port = await doors.into("172.30.0.1", 6443);
    const token = readFileSync(join(folder, "pki/administrator.token"), "utf8");
    const authority = join(folder, "pki/ca.crt");
    const send = createSender(port, token, authority);
    await until(
      "the API server",
      async () => (await send("GET", "/readyz")).status === 200,
      () => log("apiserver"),
    );
    const file = join(folder, "kubeconfig");
    const encoded = readFileSync(authority).toString("base64");
    writeFileSync(file, kubeconfig(`https://127.0.0.1:${port}`, encoded, token), { mode: 0o600 });

    const cluster: KubernetesCluster = {
      folder,
      doors,
      send,
      kubeconfig: file,
      log,
      async startNode(n) {
        const machine = spawn("nsenter", [...within, "bash", join(shell, "node.sh"), folder, `${n}`], {
          stdio: ["ignore", "ignore", "inherit"],
        });
        machines.set(n, machine);
        await until(
          `node ${n}`,
          () => isReady(send, n),
          () => `${log(`node${n}/kubelet`)}\n${log(`node${n}/containerd`)}`,
        );
      },
      async killNode(n) {
        const inner = innerPid(folder, n);
        process.kill(inner, "SIGKILL");
        const machine = machines.get(n);
        machines.delete(n);
        if (machine !== undefined && machine.exitCode === null) await once(machine, "exit");
      },
      async loadImage(archive) {
        const name = basename(archive);
        link(archive, join(folder, "images", name));
        let digest = "";
        for (const n of machines.keys()) {
          const load = [
            "-t",
            `${innerPid(folder, n)}`,
            "-a",
            "bash",
            "/isthmus/load-image.sh",
            `/isthmus/images/${name}`,
          ];
          const { stdout } = await execute("nsenter", load);
          digest = stdout.trim().split("\n").at(-1) ?? "";
        }
        return digest;
      },
      digestOf(image) {
        const [n] = machines.keys();
        const listed = cluster.onNode(n ?? 1, ["ctr", "-n", "k8s.io", "images", "ls", `name==${image}`]);
        const digest = /sha256:[0-9a-f]{64}/.exec(listed)?.[0];
        if (digest === undefined) throw new Error(`no node has ${image}`);
        return digest;
      },
      inLan: async (command) => (await execute("nsenter", ["-t", first, "--net", ...command])).stdout,
      onNode: (n, command) => run(`node${n}`, "nsenter", ["-t", `${innerPid(folder, n)}`, "-a", ...command]),
      stop,
    };
    await addOns(cluster);
    await Promise.all(Array.from({ length: nodes }, (_, index) => cluster.startNode(index + 1)));
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

function run(where: string, program: string, parameters: readonly string[]): string {
  const done = spawnSync(program, parameters, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${where}: ${parameters.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** The node's first process, as this machine sees it. */
function innerPid(folder: string, n: number): number {
  const groups = readFileSync(join(folder, `nodes/node${n}/groups`), "utf8")
    .trim()
    .split("\n");
  for (const group of groups) {
    // In control groups of version 2 it lies in a group of its own (node.sh).
    const own = existsSync(join(group, "init")) ? join(group, "init") : group;
    for (const pid of readFileSync(join(own, "cgroup.procs"), "utf8").trim().split("\n")) {
      const levels = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split(/\s+/) ?? [];
      if (levels.length === 3 && levels[2] === "1") return Number(pid);
    }
  }
  throw new Error(`node ${n} does not run`);
}

async function isReady(send: KubernetesApi["send"], n: number): Promise<boolean> {
  const { body } = await send("GET", `/api/v1/nodes/node${n}`);
  const { conditions = [] } = (body["status"] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** A file by another name, or its copy where the two lie on different disks. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function tail(folder: string, part: string): string {
  const [node, program] = part.split("/");
  const file = program === undefined ? `log/${node}.log` : `nodes/${node}/log/${program}.log`;
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "utf8").slice(-4_096) : "";
}

/** @throws with the log when it is not so in time. */
async function until(what: string, is: () => Promise<boolean>, log: () => string): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (!(await is().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} did not get ready:\n${log()}`);
    await sleep(100);
  }
}
