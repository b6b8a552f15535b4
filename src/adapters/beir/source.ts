import { createHash } from "node:crypto";
import { IsthmusError } from "../../core/errors.ts";
import type { Source } from "../../core/ports.ts";
import type { BeirDocument } from "./read.ts";

/** A corpus as a source of one file for each document, so that one can leave the index without the others. */
export interface CorpusSource extends Source {
  /** The URI that a document has in it. */
  uriOf(id: string): string | undefined;
  /** The document of a URI, with a fragment or without. */
  documentOf(uri: string): BeirDocument | undefined;
}

const scope = "file:///corpus/";

/** The URIs say nothing but the place in the corpus: an index of the same corpus is the same wherever it is made. */
export function createCorpusSource(documents: readonly BeirDocument[]): CorpusSource {
  const objects = new Map(
    documents.map((document, at) => {
      const { id, title, text } = document;
      const bytes = Buffer.from(`${JSON.stringify({ _id: id, title, text })}\n`);
      const version = createHash("sha256").update(bytes).digest("hex");
      const uri = `${scope}${String(at).padStart(7, "0")}.jsonl`;
      const ref = { uri, version, size: bytes.length, updatedAt: "2026-01-01T00:00:00.000Z" };
      return [uri, { document, bytes, ref }] as const;
    }),
  );
  const uris = new Map([...objects].map(([uri, { document }]) => [document.id, uri]));
  return {
    scope,
    uriOf: (id) => uris.get(id),
    documentOf: (uri) => objects.get(uri.replace(/#.*$/s, ""))?.document,
    async *list() {
      for (const { ref } of objects.values()) yield { kind: "object" as const, ref };
    },
    head: async (uri) => objects.get(uri)?.ref,
    async *read({ uri }) {
      const object = objects.get(uri);
      if (object === undefined) throw new IsthmusError("source_changed", `${uri} is not in the corpus.`);
      yield object.bytes;
    },
    async close() {},
  };
}
