import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "../binaries.ts";

/** A root file system made of Debian's packages alone, so that it needs no registry of images. */
interface RootFileSystem {
  readonly name: string;
  /** `minbase` can run package scripts and has a shell; `extract` only lays files down, for an image without one. */
  readonly variant: "minbase" | "extract";
  readonly packages: readonly string[];
  /** What a person who lacks it is told. */
  readonly seconds: number;
}

/** The release both stand on: that of the base image which the Dockerfiles name (distroless/nodejs24-debian13). */
const release = "trixie";

export const rootFileSystems = {
  /** A node, and the machine that builds images. */
  node: {
    name: "node",
    variant: "minbase",
    packages: [
      ...["ca-certificates", "iproute2", "iptables", "ipset", "conntrack", "ethtool", "socat", "procps", "mount"],
      ...["util-linux", "kmod", "containerd", "runc", "containernetworking-plugins", "buildah", "netavark"],
    ],
    seconds: 60,
  },
  /** What distroless's images for Node hold, without the Node. */
  base: {
    name: "base",
    variant: "extract",
    packages: [
      ...["base-files", "netbase", "tzdata", "media-types", "ca-certificates"],
      ...["libc6", "libssl3t64", "libgcc-s1", "libgomp1", "libstdc++6", "zlib1g"],
    ],
    seconds: 15,
  },
} as const satisfies Record<string, RootFileSystem>;

/**
 * The folder of a root file system, made on first use by mmdebstrap, which comes as a package and is unpacked, not installed.
 *
 * @throws with CI=true where it cannot be had.
 */
export function rootFileSystem(system: RootFileSystem, tell: (line: string) => void = () => {}): Binary {
  const { name, variant, packages, seconds } = system;
  const digest = createHash("sha256")
    .update(JSON.stringify([release, variant, packages]))
    .digest("hex")
    .slice(0, 12);
  const folder = join(peersFolder(), `debian-${name}-${digest}`);
  if (existsSync(folder)) return { path: folder, skip: false };
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0)
    return missing(`Debian's packages for a ${name} of a cluster need root and apt`);
  tell(`unpacking Debian's packages for a cluster's ${name} (about ${seconds} s, once)`);
  mkdirSync(peersFolder(), { recursive: true });
  const building = mkdtempSync(join(peersFolder(), `.debian-${name}-`));
  try {
    const target = join(building, "root");
    const options = [`--variant=${variant}`, "--mode=root", `--include=${packages.join(",")}`];
    const tool = unpackedTool(building);
    const keyring = join(tool, "usr/share/keyrings/debian-archive-keyring.gpg");
    if (existsSync(keyring)) options.push(`--keyring=${keyring}`);
    const made = spawnSync(
      join(tool, "usr/bin/mmdebstrap"),
      [...options, '--aptopt=APT::Install-Recommends "false"', release, target, mirror()],
      { encoding: "utf8", maxBuffer: 1 << 26 },
    );
    if (made.status !== 0)
      return missing(`Debian's packages for a ${name} cannot be had:\n${made.stderr.slice(-2000)}`);
    if (!existsSync(folder)) renameSync(target, folder);
    return { path: folder, skip: false };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** A folder with mmdebstrap, from its package, and with Debian's own keys, which another distribution's apt does not trust. */
function unpackedTool(folder: string): string {
  const run = (command: string, ...parameters: string[]) =>
    spawnSync(command, parameters, { cwd: folder, encoding: "utf8" });
  const download = () => run("apt-get", "download", "-q", "mmdebstrap", "debian-archive-keyring").status;
  if (download() !== 0) {
    run("apt-get", "update", "-q");
    download();
  }
  for (const archive of readdirSync(folder)) if (archive.endsWith(".deb")) run("dpkg-deb", "-x", archive, "tool");
  return join(folder, "tool");
}

/** Where this machine's own apt has Debian from. */
function mirror(): string {
  const sources = ["/etc/apt/sources.list", ...listed("/etc/apt/sources.list.d")]
    .filter(existsSync)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  return /^(?:deb .*?|URIs: )(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(sources)?.[1] ?? "http://deb.debian.org/debian";
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
}
