// `node bin/run.mjs FILE …`: runs one of the project's own scripts under the pinned Node, installing first what is missing.
import { resolve } from "node:path";
import process from "node:process";
import { handOver, install, root } from "./bootstrap.mjs";

const [file, ...rest] = process.argv.slice(2);
install({ tools: true });
handOver(resolve(root, file), rest);
