import type { Budget } from "../../core/budget.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Parser } from "../../core/ports.ts";
import type { ContainerInput } from "./parts.ts";
import { quotedName } from "./source-name.ts";

/** Bytes of whole files that are held at once, as they are unpacked; a single one may be larger. */
export const bytesHeld = 16 * 2 ** 20;

/**
 * Bounds what a parser holds and gives. Its bytes stay counted until the last of its documents was taken, for until then it is text, and
 * pieces of text, in memory.
 *
 * @param maxCharacters of one document, UTF-16 units: a file of some kB may hold any amount of text.
 */
export function boundedParser(parser: Parser, budget: Budget, maxCharacters: number): Parser {
  return {
    ...parser,
    async *parse(input: ContainerInput) {
      const memory = input.memory?.part() ?? budget.open();
      try {
        for await (const parsed of parser.parse({ ...input, memory } as ContainerInput)) {
          if (parsed.kind === "document" && parsed.text.length > maxCharacters) {
            throw new IsthmusError(
              "parse_limit",
              `${quotedName(input.uri)} holds ${parsed.text.length} characters of text in one document, more than ${maxCharacters}. Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
            );
          }
          yield parsed;
        }
      } finally {
        memory.release();
      }
    },
  };
}
