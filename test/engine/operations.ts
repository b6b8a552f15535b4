import { existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fc } from "../support/fast-check.ts";

/** What can happen to a folder between two runs. Names and contents come from small sets, so that operations meet. */
export type Operation =
  | { readonly kind: "write"; readonly name: string; readonly content: string }
  /** An older content with its older modification time, as a backup brings it back. */
  | { readonly kind: "restore"; readonly name: string; readonly content: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "delete"; readonly name: string }
  /** Content that cannot be read; it stays until something else is written. */
  | { readonly kind: "spoil"; readonly name: string };

const name = fc.constantFrom("a.txt", "b.md", "c.txt", "d.jsonl", "e.md", "f.txt", "g.csv");
const words = ["alpha beta", "alpha gamma delta", "gamma", "alpha alpha alpha", "epsilon zeta", "beta. Alpha! Gamma?"];
const paragraph = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(". "));

/** Text that every parser of the names above accepts, with some that needs many chunks. */
const content = fc.oneof(
  { weight: 4, arbitrary: paragraph },
  {
    weight: 2,
    arbitrary: fc
      .array(paragraph, { minLength: 2, maxLength: 6 })
      .map((parts) => `# One\n\n${parts.join("\n\n# Next\n\n")}`),
  },
  { weight: 1, arbitrary: fc.integer({ min: 300, max: 700 }).map((count) => "alpha beta gamma. ".repeat(count)) },
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("write" as const), name, content }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("restore" as const), name, content: fc.constantFrom(...words) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), from: name, to: name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("spoil" as const), name }) },
);

// A JPEG picture under a name that promises text.
const notText = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

export function apply(folder: string, step: Operation): void {
  const path = (file: string) => join(folder, file);
  if (step.kind === "write" || step.kind === "restore")
    writeFileSync(path(step.name), formatted(step.name, step.content));
  if (step.kind === "restore") utimesSync(path(step.name), 1_000_000_000, 1_000_000_000);
  if (step.kind === "rename" && existsSync(path(step.from)) && sameFormat(step.from, step.to)) {
    renameSync(path(step.from), path(step.to));
  }
  if (step.kind === "delete") rmSync(path(step.name), { force: true });
  if (step.kind === "spoil") writeFileSync(path(step.name), notText);
}

/** JSON lines under the name of a table would be a real failure, and stay one. */
function sameFormat(from: string, to: string): boolean {
  return extname(from) === extname(to) || [from, to].every((name) => /\.(txt|md)$/.test(name));
}

/** Mends the spoilt files, so that a clean run has nothing to fail on; every other file stays as it is. */
export function heal(folder: string): void {
  for (const file of readdirSync(folder)) {
    const isSpoilt = readFileSync(join(folder, file)).equals(notText);
    if (isSpoilt) writeFileSync(join(folder, file), formatted(file, `healed alpha ${file}`));
  }
}

function formatted(file: string, text: string): string {
  if (file.endsWith(".jsonl")) {
    return text
      .split(". ")
      .map((line, index) => JSON.stringify({ id: `r${index}`, text: `${line} ${index}` }))
      .join("\n");
  }
  if (file.endsWith(".csv"))
    return `id,text\n${text
      .split(". ")
      .map((line, index) => `${index},"${line.replaceAll('"', "")}"`)
      .join("\n")}`;
  return text;
}
