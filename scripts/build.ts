// `npm run build`: src/ as JavaScript with declarations in dist/, for the package (Node strips no types in node_modules).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { packageScript, root, runNode } from "./run.ts";

rmSync(join(root, "dist"), { recursive: true, force: true });
process.exitCode = await runNode([packageScript("typescript", "tsc"), "-p", "tsconfig.build.json"]);
