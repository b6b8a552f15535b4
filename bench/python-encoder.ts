import { join } from "node:path";
import type { Embed } from "./exact-scores.ts";
import type { PythonPeer } from "./python.ts";
import { withScratch } from "./scratch.ts";
import { readVectors } from "./vectors-file.ts";

const dimensions = 384;

/** The fp32 model of sentence-transformers as an embedder. */
export function embedInPython(python: PythonPeer): Embed {
  return (texts) =>
    withScratch(async (scratch) => {
      const path = join(scratch, "vectors.f32");
      await python.load(texts, scratch);
      await python.encode(32, path);
      return await readVectors(path, dimensions);
    });
}
