import { IsthmusError } from "../../src/core/errors.ts";
import type { Parser, ParserRegistry } from "../../src/core/ports.ts";

/** What the parser does after its first piece of bytes. */
export type FirstPieceVerdict = "a document" | "empty" | "broken";

/** A registry whose one parser looks at the first piece of the bytes only, and leaves the rest unread. */
export function createHastyRegistry(verdict: FirstPieceVerdict, fingerprint = "hasty"): ParserRegistry {
  const parser: Parser = {
    name: "hasty",
    version: 1,
    records: false,
    async *parse({ bytes }) {
      for await (const piece of bytes) {
        if (verdict === "empty") throw new IsthmusError("content_empty", "Nothing to read.");
        if (verdict === "broken") throw new IsthmusError("parse_failed", "Not to be read.");
        const text = new TextDecoder().decode(piece).trim();
        const sections = [{ heading: "", start: 0, end: text.length }];
        yield { kind: "document", title: "title", text, sections, metadata: {} };
        return;
      }
    },
  };
  return { fingerprint, fingerprints: new Map(), select: () => ({ parser, contentType: "text/plain" }) };
}
