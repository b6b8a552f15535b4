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

/** Formats as pandoc calls them. */
const pandocFormats: Readonly<Record<string, readonly string[]>> = {
  docx: ["docx"],
  odt: ["odt"],
  epub: ["epub"],
  rtf: ["rtf"],
  rst: ["rst"],
  org: ["org"],
  latex: ["tex", "ltx"],
  ipynb: ["ipynb"],
  docbook: ["dbk"],
  jats: ["nxml"],
};

/** What Python's own modules give: the text parts of messages, and those entries of archives that are text. */
const messageText = `
def of(m):
  parts = [p for p in m.walk() if p.get_content_type() in ("text/plain",) and not p.is_multipart()]
  parts = parts or [p for p in m.walk() if p.get_content_type() == "text/html"]
  print(m["subject"] or "")
  for p in parts:
    try: t = p.get_content()
    except Exception: continue
    print(re.sub(r"(?s)<(style|script).*?</\\1>|<[^>]*>", " ", html.unescape(t)) if p.get_content_type() == "text/html" else t)
`;
const imports = "import sys, re, html, email, email.policy, mailbox, zipfile, tarfile\n";
const textEntry = String.raw`^(?!.*(?:^|/)\.).*\.(?:txt|log|py|c|h|java|js|ts)$`;
const pythonReaders: Readonly<Record<string, string>> = {
  eml: `${imports}${messageText}
of(email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default))`,
  mbox: `${imports}${messageText}
for m in mailbox.mbox(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default)): of(m)`,
  zip: `${imports}
z = zipfile.ZipFile(sys.argv[1])
for n in z.namelist():
  if re.match(r"${textEntry}", n): print(z.read(n).decode("utf-8", "replace"))`,
  tar: `${imports}
for m in (t := tarfile.open(sys.argv[1])):
  if m.isfile() and re.match(r"${textEntry}", m.name): print(t.extractfile(m).read().decode("utf-8", "replace"))`,
};

const references: readonly Reference[] = [
  {
    extensions: ["pdf"],
    program: "pdftotext", // poppler
    versionArguments: ["-v"],
    arguments: (file) => ["-enc", "UTF-8", file, "-"],
  },
  ...Object.entries(pandocFormats).map(([format, extensions]) => ({
    extensions,
    program: "pandoc",
    versionArguments: ["--version"],
    arguments: (file: string) => ["-f", format, "-t", "plain", "--wrap=none", "--track-changes=accept", file],
  })),
  ...Object.entries(pythonReaders).map(([extension, script]) => ({
    extensions: [extension],
    program: "python3",
    versionArguments: ["--version"],
    arguments: (file: string) => ["-c", script, file],
  })),
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
