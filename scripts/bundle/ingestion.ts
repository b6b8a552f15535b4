import { join } from "node:path";
import { root } from "../run.ts";
import type { Architecture } from "./architecture.ts";
import { type Bundled, bundleProgram, packagesIn } from "./esbuild.ts";
import { writeLicences } from "./licences.ts";
import { writeManifest } from "./manifest.ts";
import { copyModel } from "./model.ts";
import { copyOnnxruntime } from "./onnxruntime.ts";
import { copyPdfjsData } from "./pdfjs.ts";
import { copySqliteVec } from "./sqlite-vec.ts";

export const ingestJobFolder = join(root, "build/ingest-job");

export const ingestWorkerFolder = join(root, "build/ingest-worker");

/** The ingestion Job with all it needs, to be started by a plain `node ingest-job.mjs` from any folder. */
export async function bundleIngestJob(architecture: Architecture, folder = ingestJobFolder): Promise<Bundled> {
  return await bundleIngestion("src/entry/ingest-job.ts", architecture, folder);
}

/** The same for the worker that follows a bucket, `ingest-worker.mjs`. */
export async function bundleIngestWorker(architecture: Architecture, folder = ingestWorkerFolder): Promise<Bundled> {
  return await bundleIngestion("src/entry/ingest-worker.ts", architecture, folder);
}

async function bundleIngestion(entry: string, architecture: Architecture, folder: string): Promise<Bundled> {
  const metafile = await bundleProgram(
    {
      entry,
      workers: [
        "src/adapters/embedder/onnx-worker.ts",
        "src/adapters/parser/sandbox-worker.ts",
        "src/adapters/store/sqlite/writer-worker.ts",
      ],
    },
    folder,
  );
  await copyOnnxruntime(architecture, folder);
  await copyModel(folder);
  await copyPdfjsData(folder);
  await writeManifest(folder);
  const packages = packagesIn(metafile);
  await writeLicences(packages, folder);
  const local = await copySqliteVec(architecture, folder);
  return {
    packages,
    notes: local
      ? []
      : [`Without sqlite-vec for ${architecture}: it writes to Weaviate only (ISTHMUS_STORE=weaviate).`],
  };
}
