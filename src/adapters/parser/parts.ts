import type { Share } from "../../core/budget.ts";
import { peekable } from "../../core/byte-stream.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput, ParserRegistry } from "../../core/ports.ts";
import type { Parsed, ParseFault } from "../../core/types.ts";
import { throwIfAborted } from "./read-whole.ts";
import { lostFault } from "./record-faults.ts";
import { quotedName } from "./source-name.ts";
import { numberedName, uniqueIds } from "./unique-ids.ts";

/** Bytes of a part that choose its parser. */
const headBytes = 4096;

/** A file inside another: an attachment, an entry of an archive, a message of a mailbox. */
export interface Part {
  /** Its place: what its records are cited by, and what its kind is told from (`attachments/report.pdf`). */
  readonly id: string;
  /** As the container declares it, if it does. */
  readonly contentType?: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What one file may hold, with all that is nested in it. */
export interface ContainerLimits {
  /** Containers inside each other: a ZIP in a mail in a ZIP is 3. */
  readonly maxDepth: number;
  readonly maxEntries: number;
  /** Unpacked, of all entries together. */
  readonly maxBytes: number;
  /** Unpacked to packed bytes. */
  readonly maxRatio: number;
  /** Below this, unpacked, any ratio will do. */
  readonly ratioFromBytes: number;
  /** Of the parsed text, UTF-16 units. */
  readonly maxCharacters: number;
}

export const containerLimits: ContainerLimits = {
  maxDepth: 5,
  maxEntries: 10_000,
  maxBytes: 1024 * 1024 * 1024,
  maxRatio: 200,
  ratioFromBytes: 4 * 1024 * 1024,
  maxCharacters: 256 * 1024 * 1024,
};

/** What has been taken of the limits so far, by a file and all that is nested in it. */
export interface Containment {
  readonly depth: number;
  readonly spent: { entries: number; bytes: number; characters: number };
}

export const noneSpent = (): Containment => ({ depth: 0, spent: { entries: 0, bytes: 0, characters: 0 } });

/** The input of a parser of containers, which may itself be a part. */
export interface ContainerInput extends ParseInput {
  readonly within?: Containment;
  /** What is held in memory is taken from it; a parser that is called by another one stands in the other's place. */
  readonly memory?: Share;
}

/**
 * Parses the parts of a container, each by the parser of its kind. What comes out is cited by the part's place, and what is
 * wrong with a part, or with the container after its first part, is a fault: the others stand.
 *
 * @param parts in order; faults among them are handed on.
 * @throws `parse_limit` for a container that lies too deep inside others, and what `parts` throws before its first part.
 */
export type PartsParser = (
  parts: AsyncIterable<Part | ParseFault>,
  container: ContainerInput,
) => AsyncGenerator<Parsed>;

/** The place of a record inside a part. */
function within(place: string, id: string | undefined): string {
  return id === undefined ? place : `${place}#${id}`;
}

const codeOfFault: Readonly<Partial<Record<string, ParseFault["code"]>>> = {
  content_encoding: "content_encoding",
  source_too_large: "record_too_large",
};

/** A judgement on the part; anything else is a failure of the whole. */
function partFault(place: string, error: unknown): ParseFault {
  if (!(error instanceof IsthmusError) || !/^(?:content|parse|record)_|^source_too_large$/.test(error.code))
    throw error;
  return { kind: "fault", id: place, code: codeOfFault[error.code] ?? "record_invalid", reason: error.message };
}

/** The URI under which a part is parsed: that of a file in a folder, so that names and titles come out of it as ever. */
function partUri(container: string, place: string): string {
  const path = container.startsWith("file:") ? place.split("/").map(encodeURIComponent).join("/") : place;
  return `${container}/${path}`;
}

/** A limit of all parts together was passed: the container ends. */
class LimitPassed extends Error {}

/** Counts what comes out of a container, whatever its headers claim. */
async function* bounded(
  parts: AsyncIterable<Part | ParseFault>,
  spent: Containment["spent"],
  limits: ContainerLimits,
): AsyncGenerator<Part | ParseFault> {
  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      spent.bytes += chunk.length;
      if (spent.bytes > limits.maxBytes) {
        throw new LimitPassed(`It unpacks to over ${limits.maxBytes} bytes: the rest was left out.`);
      }
      yield chunk;
    }
  }
  for await (const part of parts) {
    spent.entries += 1;
    if (spent.entries > limits.maxEntries) {
      throw new LimitPassed(`It holds more than ${limits.maxEntries} files: the rest was left out.`);
    }
    yield "kind" in part ? part : { ...part, bytes: counted(part.bytes) };
  }
}

/** @param select chooses among all parsers, those of containers too. */
export function createPartsParser(
  select: ParserRegistry["select"],
  limits: ContainerLimits = containerLimits,
): PartsParser {
  async function* parsePart(
    part: Part,
    container: ContainerInput,
    { depth, spent }: Containment,
  ): AsyncGenerator<Parsed> {
    const bytes = peekable(part.bytes, () => undefined);
    const memory = container.memory?.part();
    try {
      const uri = partUri(container.uri, part.id);
      const { contentType } = part;
      const ref = { uri, version: "", size: 0, updatedAt: "", ...(contentType !== undefined && { contentType }) };
      const head = await bytes.peek(headBytes);
      if (head.length === 0) {
        const empty = `${quotedName(part.id)} is empty (0 bytes).`;
        container.passedOver?.(part.id, new IsthmusError("content_empty", empty));
        return;
      }
      container.holdsFile?.();
      const selection = select(ref, head);
      if ("skip" in selection) {
        container.passedOver?.(part.id, selection.skip);
        return;
      }
      const input: ContainerInput = {
        uri,
        contentType: selection.contentType,
        bytes: bytes.rest(),
        within: { depth: depth + 1, spent },
        passedOver: (place, reason) => container.passedOver?.(within(part.id, place), reason),
        ...(container.signal && { signal: container.signal }),
        ...(memory && { memory }),
      };
      for await (const parsed of selection.parser.parse(input)) {
        if (parsed.kind === "document") spent.characters += parsed.text.length;
        yield { ...parsed, id: within(part.id, parsed.id) };
        if (spent.characters > limits.maxCharacters) {
          throw new LimitPassed(`Its text is over ${limits.maxCharacters} characters: the rest was left out.`);
        }
      }
    } catch (error) {
      yield partFault(part.id, error);
    } finally {
      memory?.release();
      await bytes.close();
    }
  }

  return async function* parseParts(parts, container) {
    const containment = container.within ?? noneSpent();
    const name = quotedName(container.uri);
    if (containment.depth >= limits.maxDepth) {
      throw new IsthmusError(
        "parse_limit",
        `${name} lies ${limits.maxDepth} containers deep: what is in it was not read.`,
      );
    }
    const idOf = uniqueIds(numberedName);
    const counted = bounded(parts, containment.spent, limits);
    let found = false;
    try {
      for await (const part of counted) {
        found = true;
        throwIfAborted(container.signal);
        if ("kind" in part) yield part;
        else yield* parsePart({ ...part, id: idOf(part.id) }, container, containment);
      }
    } catch (error) {
      if (error instanceof LimitPassed) yield lostFault("(the rest)", error.message);
      else if (found) yield lostFault("(the rest)", partFault("", error).reason);
      else throw error;
    }
  };
}
