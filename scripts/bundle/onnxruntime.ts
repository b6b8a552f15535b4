import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { root } from "../run.ts";
import type { Architecture } from "./architecture.ts";

/** The binding looks for the library beside itself. */
const files = ["onnxruntime_binding.node", "libonnxruntime.so.1"];
const bindingPath = /require\(`[^`]*\/onnxruntime_binding\.node`\)/;

/** Lets the bundled JavaScript of onnxruntime-node find its binary beside it instead of in the package's own tree. */
export const onnxruntimePlugin: Plugin = {
  name: "onnxruntime",
  setup(build) {
    build.onResolve({ filter: /^\.\/onnxruntime_binding\.node$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!bindingPath.test(source)) throw new Error(`${path} loads its binary in another way than expected.`);
      return { contents: source.replace(bindingPath, 'require("./onnxruntime_binding.node")'), loader: "js" };
    });
  },
};

/** Copies the binaries of one architecture, 46 MB (x64) or 25 MB (arm64), and of no other. */
export async function copyOnnxruntime(architecture: Architecture, folder: string): Promise<void> {
  const from = join(root, "node_modules/onnxruntime-node/bin/napi-v6/linux", architecture);
  for (const file of files) await copyFile(join(from, file), join(folder, file));
}
