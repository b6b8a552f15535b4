import type { Parser, ParserRegistry } from "../../core/ports.ts";

/**
 * Raised when what all readers share gives another text: encodings (decode.ts), cleaning (clean.ts), sections. Every document is
 * read anew.
 */
const commonVersion = 1;

/**
 * Raised when a name, a type or first bytes that were passed over are given to a parser: what was skipped is looked at again. Where
 * they went to another parser before, that parser's version is raised instead.
 */
const choiceVersion = 1;

/** Readers that stand in others: a page is in a mail, a book and a feed. A test holds it to the imports. */
export const inside: Readonly<Record<string, readonly string[]>> = {
  docx: ["html", "rtf", "mail"],
  epub: ["html"],
  feed: ["html"],
  mail: ["html", "rtf"],
  msg: ["html", "rtf", "mail"],
  notebook: ["html", "markdown"],
  rst: ["csv"],
  xml: ["html"],
};

/** Holds files of any kind, always: whatever reads these is part of it. PDF and mail do so only where something is attached. */
const containers: ReadonlySet<string> = new Set(["mbox", "zip", "tar", "gzip"]);

/** What nobody else reads is text: a new kind may take files from these. */
const remainder: ReadonlySet<string> = new Set(["text", "lines"]);

interface FingerprintSettings {
  readonly format: string;
  /** Of records; it is part of what reads records, since raising it must bring in those that were too large before. */
  readonly maxRecordBytes: number;
  /** Of the recognizer, where there is one. */
  readonly ocr: string | undefined;
}

const withOcr: ReadonlySet<string> = new Set(["pdf", "picture"]);
const withRecordLimit: ReadonlySet<string> = new Set(["csv", "jsonl", "lines"]);

/** What shapes the text of documents, over all parsers, and for each that reads alone. */
export function fingerprintsOf(
  all: readonly Parser[],
  { format, maxRecordBytes, ocr }: FingerprintSettings,
): Pick<ParserRegistry, "fingerprint" | "fingerprints"> {
  const parsers = new Map(all.map((parser) => [parser.name, parser]));
  const named = (name: string) => `${name}@${parsers.get(name)?.version ?? 0}`;
  const names = [...parsers.keys()];
  const common = `common@${commonVersion}`;
  const limit = `record<=${maxRecordBytes}`;
  const recognized = ocr === undefined ? [] : [`ocr=${ocr}`];
  const own = (name: string) => [
    common,
    ...[name, ...(inside[name] ?? [])].map(named),
    ...(remainder.has(name) ? [`beside=${names.filter((other) => !remainder.has(other)).join("+")}`] : []),
    ...(withRecordLimit.has(name) ? [limit] : []),
    ...(withOcr.has(name) ? recognized : []),
  ];
  const alone = names.filter((name) => !containers.has(name));
  return {
    fingerprint: [
      `format=${format}`,
      limit,
      [common, `choice@${choiceVersion}`, ...names.map(named)].join(","),
      ...recognized,
    ].join(";"),
    fingerprints: new Map(alone.map((name) => [name, own(name).join(";")])),
  };
}
