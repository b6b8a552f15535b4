import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A program that reads a file of some formats and prints its text: what our readers are compared with. */
interface Reference {
  /** File name extensions, lower case, no dot. */
  readonly extensions: readonly string[];
  readonly program: string;
  /** Prints the version, and is how an installed program is known. */
  readonly versionArguments: readonly string[];
  readonly arguments: (file: string) => readonly string[];
  /** What of its output is text, where not all is. */
  readonly text?: (output: string) => string;
}

const references: readonly Reference[] = [
  {
    extensions: ["pdf"],
    program: "pdftotext", // poppler
    versionArguments: ["-v"],
    arguments: (file) => ["-enc", "UTF-8", file, "-"],
  },
];

const run = promisify(execFile);
const limits = { timeout: 120_000, maxBuffer: 256 * 1024 * 1024, encoding: "utf8" } as const;

export interface ReferenceReader {
  readonly program: string;
  /** The text that the program finds in the file; undefined where it cannot read it. */
  read(file: string): Promise<string | undefined>;
}

/** The readers that are installed here, by extension; and the names of those that are not. */
export async function installedReferences(): Promise<{ readers: Map<string, ReferenceReader>; missing: string[] }> {
  const readers = new Map<string, ReferenceReader>();
  const missing: string[] = [];
  for (const reference of references) {
    const { program, extensions, text = (output: string) => output } = reference;
    const installed = await run(program, [...reference.versionArguments], limits).then(
      () => true,
      () => false,
    );
    if (!installed) {
      missing.push(`${program} (${extensions.join(", ")})`);
      continue;
    }
    const read = (file: string): Promise<string | undefined> =>
      run(program, [...reference.arguments(file)], limits).then(
        ({ stdout }) => text(stdout),
        () => undefined,
      );
    for (const extension of extensions) readers.set(extension, { program, read });
  }
  return { readers, missing };
}
