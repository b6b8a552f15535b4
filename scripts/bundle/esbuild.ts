import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { root } from "../run.ts";
import { namedImports } from "./named-imports.ts";
import { onnxruntimePlugin } from "./onnxruntime.ts";

/** Bundled CommonJS packages ask for Node's own modules by `require`, which a module does not have. */
const requireInModules = [
  'import { createRequire as __isthmusCreateRequire } from "node:module";',
  "const require = __isthmusCreateRequire(import.meta.url);",
].join("\n");

export interface Program {
  /** What is started, relative to the root: `src/entry/ingest-job.ts` becomes `ingest-job.mjs`. */
  readonly entry: string;
  /** Worker threads it starts, relative to the root. Each becomes a file of its own name beside the entry. */
  readonly workers: readonly string[];
  /** Modules left out because the platform has them. */
  readonly external?: readonly string[];
  readonly plugins?: readonly Plugin[];
}

/** What a bundle was made of. */
export interface Bundled {
  /** The npm packages in it, as folders relative to the root, sorted. */
  readonly packages: readonly string[];
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/**
 * Writes a program and its workers as JavaScript into `folder`, which is emptied first. What is loaded on demand (a
 * reader of PDF, the credentials of a cloud) stays in a file of its own, so that a start pays only for what it needs.
 * The files find each other by `import.meta.url`: all of them lie side by side.
 */
export async function bundleProgram(program: Program, folder: string): Promise<Metafile> {
  await rm(folder, { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [program.entry, ...program.workers].map((file) => ({ in: file, out: nameOf(file) })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    chunkNames: "chunk-[hash]",
    banner: { js: requireInModules },
    external: [...(program.external ?? [])],
    plugins: [namedImports, onnxruntimePlugin, ...(program.plugins ?? [])],
    // Names stay: the stack of an error in a log is read by people.
    minifyWhitespace: true,
    minifySyntax: true,
    // Stemmers are tables of letters, which escapes would make twice as long.
    charset: "utf8",
    legalComments: "none", // The licences come whole, see licences.ts.
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  refuseNamelessImports(metafile);
  await mkdir(folder, { recursive: true });
  for (const { path, text } of outputFiles) await writeFile(path, withNeededRequire(text));
  const name = nameOf(program.entry);
  await rename(join(folder, `${name}.js`), join(folder, `${name}.mjs`));
  return metafile;
}

/** Most files need none, and each that makes one does so at every start. */
function withNeededRequire(program: string): string {
  const rest = program.replace(`${requireInModules}\n`, "");
  return /\brequire\b/.test(rest) ? program : rest;
}

/** See named-imports.ts. @throws naming who imports what. */
function refuseNamelessImports({ inputs }: Metafile): void {
  const nameless = Object.entries(inputs).flatMap(([importer, { imports }]) =>
    imports
      .filter(({ kind, path }) => kind === "dynamic-import" && inputs[path]?.format === "cjs")
      .map(({ path }) => `${importer} imports ${path}`),
  );
  if (nameless.length > 0)
    throw new Error(`loaded on demand, a CommonJS package has no names in a bundle:\n${nameless.join("\n")}`);
}

function nameOf(file: string): string {
  return basename(file, ".ts");
}

/** The npm packages whose code is in the bundle, as folders relative to the root, sorted. */
export function packagesIn(metafile: Metafile): string[] {
  const folders = Object.keys(metafile.inputs).map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}
