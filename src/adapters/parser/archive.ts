import { IsthmusError } from "../../core/errors.ts";
import type { Parser } from "../../core/ports.ts";
import type { ParseFault } from "../../core/types.ts";
import type { ContainerInput, Part, PartsParser } from "./parts.ts";
import { quotedName } from "./source-name.ts";

/**
 * Archives as folders: an entry is a record whose id is its path.
 *
 * @param entries of an archive, in order, with faults for those that cannot be read.
 */
export function createArchiveParser(
  name: string,
  version: number,
  entries: (input: ContainerInput) => AsyncIterable<Part | ParseFault>,
  parseParts: PartsParser,
): Parser {
  return {
    name,
    version,
    records: true,
    async *parse(input: ContainerInput) {
      let found = false;
      let passedOver = 0;
      const counting: ContainerInput = {
        ...input,
        passedOver(place, reason) {
          passedOver += 1;
          input.passedOver?.(place, reason);
        },
      };
      for await (const parsed of parseParts(entries(input), counting)) {
        found = true;
        yield parsed;
      }
      if (found) return;
      const others = passedOver === 0 ? "" : ` (${passedOver} of other kinds were passed over)`;
      throw new IsthmusError(
        "content_empty",
        `${quotedName(input.uri)} holds no file of a kind that is read${others}.`,
      );
    },
  };
}
