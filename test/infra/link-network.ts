import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing } from "../peers/binaries.ts";
import { type Program, startProgram } from "../peers/process.ts";

/** What the link's module says of itself (its output `route_policy`). */
export interface RoutePolicy {
  readonly google_asn: number;
  readonly aws_asn: number;
  readonly advertised: string;
  readonly accepted: string;
  readonly inside_cidrs: readonly string[];
  readonly keepalive: number;
}

/** Both clouds as network namespaces of this machine: a router each, a host behind each, and four links between. */
export interface LinkNetwork {
  /** Runs a program on a host: `lambda` in AWS, `weaviate` and `node` in Google. */
  on(host: Host, command: string, ...parameters: string[]): { readonly code: number; readonly output: string };
  start(
    host: Host,
    name: string,
    command: string,
    parameters: readonly string[],
    ready: () => Promise<boolean>,
  ): Promise<Program>;
  /** What a router has learned of the other side by BGP: ranges, each once. */
  learned(router: "google" | "aws"): string[];
  /** How many of the four sessions are established, as this router sees them. */
  sessions(router: "google" | "aws"): number;
  /** A tunnel is lost. */
  cut(tunnel: number): void;
  stop(): Promise<void>;
}

type Host = "google" | "aws" | "weaviate" | "node" | "lambda";

/** Why the link cannot be rehearsed here, as the reason of a skipped suite. @throws with CI=true where only a program is missing. */
export function linkMissing(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return "the link is rehearsed in network namespaces, which needs Linux and root: not rehearsed here";
  }
  for (const [program, parameter] of [
    ["ip", "-V"],
    ["bird", "--version"],
    ["birdc", "--version"],
  ] as const) {
    if (spawnSync(program, [parameter]).error !== undefined) {
      return missing(
        `the link is rehearsed with ${program}, which is missing (apt-get install bird2 iproute2): not rehearsed here`,
      ).skip;
    }
  }
  const probe = `isthmus-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", probe]);
  if (made.status !== 0)
    return `network namespaces cannot be made here (${`${made.stderr}`.trim()}): the link is not rehearsed`;
  spawnSync("ip", ["netns", "del", probe]);
  return false;
}

let created = 0;

/**
 * @param awsTells what AWS's side tells beside its VPC's range.
 * @param options.guarded false leaves out what the module filters, to see that there is something to filter.
 */
export async function createLinkNetwork(
  policy: RoutePolicy,
  awsTells: readonly string[],
  { guarded = true }: { readonly guarded?: boolean } = {},
): Promise<LinkNetwork> {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-link-"));
  created += 1;
  const prefix = `isthmus-${process.pid}-${created}`;
  const space = (host: Host) => `${prefix}-${host}`;
  const ip = (...parameters: string[]) => execFileSync("ip", parameters, { stdio: "pipe" });
  const hosts: readonly Host[] = ["google", "aws", "weaviate", "node", "lambda"];
  const programs: Program[] = [];

  const on: LinkNetwork["on"] = (host, command, ...parameters) => {
    const result = spawnSync("ip", ["netns", "exec", space(host), command, ...parameters], { encoding: "utf8" });
    return { code: result.status ?? 1, output: `${result.stdout}${result.stderr}` };
  };
  const start: LinkNetwork["start"] = async (host, name, command, parameters, ready) => {
    const program = await startProgram({
      name,
      command: "ip",
      args: ["netns", "exec", space(host), command, ...parameters],
      environment: { PATH: process.env["PATH"] ?? "" },
      folder,
      ready,
    });
    programs.push(program);
    return program;
  };
  const ask = (router: "google" | "aws", ...question: string[]) =>
    on(router, "birdc", "-r", "-s", join(folder, `${router}.ctl`), ...question).output;
  const stop = async () => {
    await Promise.all(programs.map((program) => program.kill()));
    for (const host of hosts) spawnSync("ip", ["netns", "del", space(host)]);
    rmSync(folder, { recursive: true, force: true });
  };

  /** A cable between two hosts, with their addresses. */
  function connect(
    left: Host,
    leftName: string,
    leftAddress: string,
    right: Host,
    rightName: string,
    rightAddress: string,
  ) {
    ip("link", "add", leftName, "netns", space(left), "type", "veth", "peer", "name", rightName, "netns", space(right));
    for (const [host, name, address] of [
      [left, leftName, leftAddress],
      [right, rightName, rightAddress],
    ] as const) {
      ip("-n", space(host), "address", "add", address, "dev", name);
      ip("-n", space(host), "link", "set", name, "mtu", "1460", "up");
    }
  }

  try {
    for (const host of hosts) {
      ip("netns", "add", space(host));
      ip("-n", space(host), "link", "set", "lo", "up");
    }
    for (const router of ["google", "aws"] as const) on(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    connect("weaviate", "eth0", hostIn(policy.advertised, 10), "google", "lan0", hostIn(policy.advertised, 1));
    connect("node", "eth0", "10.10.0.5/20", "google", "lan1", "10.10.0.1/20");
    connect("lambda", "eth0", hostIn(policy.accepted, 10), "aws", "lan0", hostIn(policy.accepted, 1));
    for (const host of ["weaviate", "node", "lambda"] as const) {
      const gateway = {
        weaviate: hostIn(policy.advertised, 1),
        node: "10.10.0.1/20",
        lambda: hostIn(policy.accepted, 1),
      }[host];
      ip("-n", space(host), "route", "add", "default", "via", gateway.split("/")[0] ?? "");
    }
    for (const [index, range] of policy.inside_cidrs.entries()) {
      connect("google", `tunnel${index}`, hostIn(range, 2), "aws", `tunnel${index}`, hostIn(range, 1));
    }
    for (const router of ["google", "aws"] as const) {
      const file = join(folder, `${router}.conf`);
      writeFileSync(file, configurationOf(router, policy, awsTells, guarded));
      const control = join(folder, `${router}.ctl`);
      const parameters = ["-f", "-c", file, "-s", control, "-P", join(folder, `${router}.pid`)];
      await start(router, `bird of ${router}`, "bird", parameters, async () =>
        ask(router, "show", "status").includes("up and running"),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    on,
    start,
    learned: (router) => {
      const routes = ask(router, "show", "route", "where", "source = RTS_BGP");
      return [...new Set([...routes.matchAll(/^(\d[\d./]+) /gm)].map(([, range = ""]) => range))].sort();
    },
    sessions: (router) => [...ask(router, "show", "protocols").matchAll(/^tunnel\d .*Established/gm)].length,
    cut: (tunnel) => ip("-n", space("google"), "link", "set", `tunnel${tunnel}`, "down"),
    stop,
  };
}

/** 10.10.16.0/24, 10 -> 10.10.16.10/24 */
function hostIn(range: string, host: number): string {
  const [address = "", length] = range.split("/");
  const parts = address.split(".").map(Number);
  return `${parts.slice(0, 3).join(".")}.${(parts[3] ?? 0) + host}/${length}`;
}

/** BIRD's form of what the module sets on Google's router, and of what AWS's gateway does by itself. */
function configurationOf(
  router: "google" | "aws",
  policy: RoutePolicy,
  awsTells: readonly string[],
  guarded: boolean,
): string {
  const isGoogle = router === "google";
  const known = "where source ~ [ RTS_DEVICE, RTS_STATIC ] && ! (net ~ [ 169.254.0.0/16+ ])";
  const only = (range: string) => `filter { if net = ${range} then accept; reject; }`;
  const taken = isGoogle && guarded ? only(policy.accepted) : "all";
  const told = isGoogle && guarded ? only(policy.advertised) : known;
  const sessions = policy.inside_cidrs.map((range, index) => {
    const [google, aws] = [hostIn(range, 2), hostIn(range, 1)].map((address) => address.split("/")[0]);
    const [own, other] = isGoogle ? [google, aws] : [aws, google];
    const [ownNumber, otherNumber] = isGoogle
      ? [policy.google_asn, policy.aws_asn]
      : [policy.aws_asn, policy.google_asn];
    return `protocol bgp tunnel${index} {
  local ${own} as ${ownNumber};
  neighbor ${other} as ${otherNumber};
  direct;
  keepalive time ${policy.keepalive};
  hold time ${policy.keepalive * 3};
  connect delay time 1;
  ipv4 {
    import ${taken};
    export ${told};
    next hop self;
  };
}`;
  });
  const more = awsTells.map((range) => `  route ${range} blackhole;`).join("\n");
  return `router id ${isGoogle ? "10.0.0.1" : "10.0.0.2"};
protocol device { scan time 1; }
protocol direct { ipv4; interface "lan*"; }
protocol kernel { merge paths on; ipv4 { import none; export where source = RTS_BGP; }; }
${isGoogle ? "" : `protocol static { ipv4;\n${more}\n}`}
${sessions.join("\n")}
`;
}
