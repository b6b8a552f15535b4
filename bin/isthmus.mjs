#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { handOver, install, isClone, personsFolder, root } from "./bootstrap.mjs";

install({ tools: false });
// A clone runs its sources (Node strips the types); the package ships them compiled, since Node strips nothing in node_modules.
const entry = isClone() ? join(root, "src", "entry", "cli.ts") : join(root, "dist", "entry", "cli.js");
if (!existsSync(entry)) {
  process.stderr.write(
    `isthmus: ${entry} is missing: this package was packed unbuilt. Pack it with \`npm run build && npm pack\`.\n`,
  );
  process.exit(1);
}
handOver(entry, process.argv.slice(2), personsFolder());
