import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { root } from "../../run.ts";
import { defineCommand } from "../command.ts";
import { readImage, recordImage } from "../deployed.ts";
import { commitOf } from "../git.ts";
import { commit, project, region, stateBucket, stateBucketOf } from "../settings.ts";

export const buildImages = defineCommand({
  summary: "Builds the image of the ingestion Job or the worker, lists what is in it, scans it and pushes it",
  details: `--what says which of the two. An image with a known, mended flaw of the named severity is not pushed. What was pushed is recorded by digest, so that
run-ingestion takes that very image; a commit whose image is there already is not built again.`,
  example: '--project my-project --node-digest "$NODE_DIGEST" --dry-run',
  options: {
    what: { about: "Whose image", fallback: "ingest", choices: ["ingest", "worker"] },
    project,
    region,
    commit,
    "state-bucket": stateBucket,
    registry: { about: "Default REGION-docker.pkg.dev/PROJECT/isthmus", variable: "ISTHMUS_REGISTRY", optional: true },
    "node-digest": {
      about: "Digest of the base image, gcr.io/distroless/nodejs24-debian13:nonroot",
      variable: "ISTHMUS_NODE_DIGEST",
    },
    "fail-on": { about: "Severity that ends it", fallback: "high", choices: ["medium", "high", "critical"] },
    sbom: { about: "Folder for the list of what is in the image (SPDX)", fallback: "build/sbom" },
  },
  async run(values, tools) {
    if (!/^sha256:[0-9a-f]{64}$/.test(values["node-digest"]))
      throw new Error(
        `--node-digest is ${JSON.stringify(values["node-digest"])}; it is sha256: and 64 hexadecimal digits.`,
      );
    const id = await commitOf(values.commit, tools);
    const bucket = stateBucketOf(values);
    const kind = values.what === "worker" ? "worker" : "ingest";
    const program = kind === "worker" ? "ingest-worker" : "ingest-job";
    const there = await readImage(bucket, id, tools, kind);
    if (there !== undefined) return { summary: `${there} is there already`, data: { image: there } };

    const host = `${values.region}-docker.pkg.dev`;
    const registry = values.registry === "" ? `${host}/${values.project}/isthmus` : values.registry;
    // The registry's tags cannot be moved, so another try at the same commit needs a tag of its own.
    const tag = `${registry}/${kind}:${id.slice(0, 12)}-${randomBytes(3).toString("hex")}`;
    await tools.change("npm", ["run", "bundle", "--", program, "--arch", "x64"], { show: true });
    const file = ["--file", `infra/images/${kind}.Dockerfile`, "--platform", "linux/amd64"];
    const argument = ["--build-arg", `NODE_DIGEST=${values["node-digest"]}`];
    await tools.change("docker", ["build", ...file, ...argument, "--tag", tag, "."], { show: true });

    const folder = resolve(root, values.sbom);
    await mkdir(folder, { recursive: true });
    const list = join(folder, `${kind}.spdx.json`);
    await tools.change("syft", ["scan", `docker:${tag}`, "--output", `spdx-json=${list}`]);
    await tools.change("grype", [`sbom:${list}`, "--fail-on", values["fail-on"], "--only-fixed"], { show: true });

    await tools.change("gcloud", ["auth", "configure-docker", host, "--quiet"]);
    await tools.change("docker", ["push", tag], { show: true });
    const format = ["--format", "{{json .RepoDigests}}"];
    const { stdout } = await tools.change("docker", ["image", "inspect", tag, ...format]);
    if (tools.dryRun) return { summary: `would push ${tag} and record its digest` };
    const digests: readonly string[] = JSON.parse(stdout);
    const image = digests.find((digest) => digest.startsWith(`${registry}/${kind}@sha256:`));
    if (image === undefined) throw new Error(`docker knows no digest of ${tag} in ${registry}: ${stdout.trim()}`);
    await recordImage(bucket, id, image, tools, kind);
    return { summary: image, data: { image, sbom: list } };
  },
});
