import type { Parser } from "../../core/ports.ts";
import { createArchiveParser } from "./archive.ts";
import { containerLimits, type PartsParser } from "./parts.ts";

/** ZIP archives; who has none does not load what reads them. */
export function createZipParser(maxFileBytes: number, parseParts: PartsParser, limits = containerLimits): Parser {
  return createArchiveParser(
    "zip",
    2,
    async function* (input) {
      const { zipEntries } = await import("./zip-entries.ts");
      yield* zipEntries(input, maxFileBytes, limits);
    },
    parseParts,
  );
}
