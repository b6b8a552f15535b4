import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleIngestJob } from "../../scripts/bundle/ingestion.ts";
import { root } from "../../scripts/run.ts";
import { type BuiltImage, baseImage, buildImage, nodeBaseImage } from "../peers/cluster/images.ts";

export const ingestImage = "localhost/ingest-job:rehearsed";

export interface IngestImage extends BuiltImage {
  readonly archive: string;
}

/** The Job's image, from the Dockerfile as it stands and the bundle of this checkout. @param folder where the archive goes. */
export async function buildIngestImage(folder: string): Promise<IngestImage> {
  const context = join(folder, "context");
  await bundleIngestJob(process.arch === "arm64" ? "arm64" : "x64", join(context, "build/ingest-job"));
  const archive = join(folder, "ingest-job.tar");
  const dockerfile = join(root, "infra/images/ingest.Dockerfile");
  if (!readFileSync(dockerfile, "utf8").includes(`FROM ${baseImage}@`))
    throw new Error(`${dockerfile} has another base`);
  const bases = [nodeBaseImage()];
  const built = buildImage({
    ...{ name: ingestImage, dockerfile, context, archive, bases },
    arguments: { NODE_DIGEST: "DIGEST_OF_BASE" },
  });
  return { ...built, archive };
}
