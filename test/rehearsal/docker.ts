// `docker`, as far as the pipeline uses it: build, push, image inspect. Builds by buildah, without a network, from the Dockerfile as it
// stands; only the digest of the base is another, for the base is made of Debian's packages here. The registry is the cluster's nodes.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../scripts/run.ts";
import { buildImage, nodeBaseImage } from "../peers/cluster/images.ts";

const edge = process.env["ISTHMUS_EDGE"] ?? "";
const archiveOf = (tag: string) =>
  join(edge, "images", `${createHash("sha256").update(tag).digest("hex").slice(0, 12)}.tar`);
const digestFile = (tag: string) => `${archiveOf(tag)}.digest`;

function build(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      file: { type: "string" },
      platform: { type: "string" },
      "build-arg": { type: "string", multiple: true },
      tag: { type: "string" },
    },
  });
  const { file = "", platform, tag = "" } = values;
  if (positionals.join() !== "." || platform !== "linux/amd64") throw new Error(`docker build: ${args.join(" ")}`);
  const [, digest = ""] = /^NODE_DIGEST=(sha256:[0-9a-f]{64})$/.exec(values["build-arg"]?.join() ?? "") ?? [];
  if (digest === "") throw new Error("docker build: no NODE_DIGEST");
  const context = mkdtempSync(join(tmpdir(), "context-"));
  try {
    // Of the whole folder, which a builder gets, what the .dockerignore lets through.
    const [, sent = ""] = /^!(.+)$/m.exec(readFileSync(join(root, `${file}.dockerignore`), "utf8")) ?? [];
    cpSync(join(root, sent), join(context, sent), { recursive: true });
    mkdirSync(join(edge, "images"), { recursive: true });
    const { log } = buildImage({
      ...{ name: tag, dockerfile: join(root, file), context, archive: archiveOf(tag), bases: [nodeBaseImage()] },
      arguments: { NODE_DIGEST: "DIGEST_OF_BASE" },
    });
    process.stderr.write(log);
  } finally {
    rmSync(context, { recursive: true });
  }
}

async function push(tag: string): Promise<void> {
  if (!existsSync(archiveOf(tag))) throw new Error(`docker push: no image ${tag}`);
  const registry = readFileSync(join(edge, "registry"), "utf8");
  const response = await fetch(registry, { method: "POST", body: archiveOf(tag) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`docker push: ${answer}`);
  writeFileSync(digestFile(tag), answer);
}

const [command = "", ...rest] = process.argv.slice(2);
if (command === "build") build(rest);
else if (command === "push") await push(rest[0] ?? "");
else if (command === "image" && rest[0] === "inspect") {
  const [, tag = ""] = rest;
  const digest = readFileSync(digestFile(tag), "utf8");
  process.stdout.write(`${JSON.stringify([`${tag.replace(/:[^:/]*$/, "")}@${digest}`])}\n`);
} else throw new Error(`docker ${command}: not played here`);
