// `npm run console`: the console's sources as the static files that the server hands out. They are committed, so that `npm start` needs no
// build; a test builds them again and compares.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const folder = import.meta.dirname;
const root = join(folder, "..");

/** The built files by name. */
export async function buildConsole(): Promise<Map<string, string>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { app: "console/src/main.tsx" },
    outdir: "console/built",
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    tsconfigRaw: {},
    // The builds for browsers of what reads Markdown decode entities by `innerHTML`; no way from a document's text to markup is taken.
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["production"],
  });
  const style = await build({
    absWorkingDir: root,
    entryPoints: { app: "console/src/style.css" },
    outdir: "console/built",
    bundle: true,
    minify: true,
    write: false,
    target: "es2024",
    legalComments: "none",
  });
  const text = (files: readonly { readonly path: string; readonly text: string }[], end: string) =>
    files.find(({ path }) => path.endsWith(end))?.text ?? "";
  return new Map([
    ["index.html", readFileSync(join(folder, "index.html"), "utf8")],
    ["app.js", text(outputFiles, "app.js")],
    ["app.css", text(style.outputFiles, "app.css")],
    ["licences.txt", licences(Object.keys(metafile.inputs))],
  ]);
}

/** What the packages in the bundle ask to be passed on with it. */
function licences(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((input) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const parts = [...folders].sort().map((name) => {
    const file = readdirSync(join(root, name)).find((each) => /^licen[cs]e/i.test(each));
    const { version, license } = JSON.parse(readFileSync(join(root, name, "package.json"), "utf8"));
    const words = file === undefined ? `${license}\n` : readFileSync(join(root, name, file), "utf8");
    return `${name.slice("node_modules/".length)} ${version}\n\n${words.trim()}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

if (import.meta.main) {
  const target = join(folder, "built");
  if (!existsSync(target)) mkdirSync(target);
  for (const [name, content] of await buildConsole()) writeFileSync(join(target, name), content);
}
