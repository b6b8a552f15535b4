import { execFile } from "node:child_process";
import { isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import type { BenchOptions } from "./bench.ts";
import type { Run } from "./options.ts";

/** The state of the code that was measured. */
export interface Revision {
  /** undefined outside of a clone. */
  readonly commit: string | undefined;
  /** Whether files differ from it, results and plots aside: a run changes those itself. */
  readonly dirty: boolean | undefined;
}

/** How a report came about: what somebody needs to measure it again. */
export interface Origin extends Revision {
  readonly options: AskedOptions;
  /** The share of all cores that others took before the start, 0 to 1; undefined where the system does not tell. */
  readonly otherWork: number | undefined;
}

/** As on the command line, what is left out there left out: with the bench's name, and the paths behind it. */
export interface AskedOptions extends Partial<Omit<BenchOptions, "stores" | "operands">> {
  readonly bench: string;
  readonly paths?: readonly string[];
}

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** @param folder the root of the project. */
export async function revision(folder: string = root): Promise<Revision> {
  const git = (...words: string[]) =>
    run("git", words, { cwd: folder }).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
  // A package that was unpacked inside somebody else's clone stands below its root, and has no commit of its own.
  const [commit, below] = (await git("rev-parse", "HEAD", "--show-prefix"))?.split("\n") ?? [];
  if (commit === undefined || below !== "") return { commit: undefined, dirty: undefined };
  const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ".", ...made);
  return { commit, dirty: changes === undefined ? undefined : changes !== "" };
}

const made = [":!bench/results", ":!docs/*.svg"];

export function askedOptions({ bench, options }: Run): AskedOptions {
  const { rounds, documents, cores, full, store, stores, python, node, corpus, operands } = options;
  const onOneStore = bench.minutesOnWeaviate !== undefined || stores.length === 1;
  return {
    bench: bench.name,
    ...(operands.length > 0 && { paths: operands.map(recordedPath) }),
    ...(rounds !== undefined && { rounds }),
    ...(documents !== undefined && { documents }),
    cores,
    ...(onOneStore && { store }),
    ...(full && { full }),
    ...(!python && { python }),
    ...(!node && { node }),
    ...(corpus !== undefined && { corpus: recordedPath(corpus) }),
  };
}

export function commandLine({ bench, paths = [], ...options }: AskedOptions): string {
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (typeof value === "boolean") return [value ? `--${name}` : `--no-${name}`];
    return [`--${name}`, String(value)];
  });
  return ["npm run bench --", bench, ...paths, ...words].join(" ");
}

/** A path as it may be kept: as it was given where it is relative, or else its last two parts; the rest is nobody's business. */
export function recordedPath(path: string): string {
  return isAbsolute(path)
    ? path
        .split(/[\\/]+/)
        .filter((part) => part !== "")
        .slice(-2)
        .join("/")
    : path;
}

/** The same for paths that a bench repeats in what it says of its parameters. */
export function withRecordedPaths<Value>(
  parameters: Readonly<Record<string, Value>>,
  { corpus, operands }: BenchOptions,
): Record<string, Value | string> {
  const given = [...(corpus === undefined ? [] : [corpus]), ...operands];
  const shorten = (text: string) => given.reduce((left, path) => left.replaceAll(path, recordedPath(path)), text);
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === "string" ? shorten(value) : value]),
  );
}
