import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package.ts";

const types = { "app.js": "text/javascript", "app.css": "text/css", "licences.txt": "text/plain" } as const;

/** The built files of the console, as the package has them. */
export function readConsole() {
  const read = (name: string) => readFileSync(join(packageRoot(), "console/built", name), "utf8");
  const assets = Object.entries(types).map(
    ([name, type]) => [`/${name}`, { content: read(name), contentType: `${type}; charset=utf-8` }] as const,
  );
  return { html: read("index.html"), assets: new Map(assets) };
}
