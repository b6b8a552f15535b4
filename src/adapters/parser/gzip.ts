import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { peekable } from "../../core/byte-stream.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Parser, ParserRegistry } from "../../core/ports.ts";
import { type ContainerInput, type ContainerLimits, containerLimits, noneSpent } from "./parts.ts";
import { quotedName } from "./source-name.ts";

async function* gunzipped(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  limits: ContainerLimits,
): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const gunzip = createGunzip();
  const source = Readable.from(counted(), { objectMode: false });
  source.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    for await (const chunk of gunzip) {
      const part: Uint8Array = chunk;
      unpacked += part.length;
      if (unpacked > limits.ratioFromBytes && unpacked > packed * limits.maxRatio) {
        const message = `${name} expands to more than ${limits.maxRatio} times its size: it is made to exhaust its reader.`;
        throw new IsthmusError("parse_limit", message);
      }
      yield part;
    }
  } catch (error) {
    const isDamage = error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
    if (!isDamage) throw error;
    throw new IsthmusError("parse_failed", `${name} is not whole: its compressed data is damaged or cut off.`, {
      cause: error,
    });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** The name of what is inside: `log.txt` for `log.txt.gz`, `docs.tar` for `docs.tgz`. */
function unpackedUri(uri: string): string {
  return uri.replace(/\.tgz$/i, ".tar").replace(/\.(?:gz|gzip)$/i, "");
}

/** A file that was compressed is read as what it was before: `.tar.gz` as an archive, `.txt.gz` as text. */
export function createGzipParser(select: ParserRegistry["select"], limits = containerLimits): Parser {
  return {
    name: "gzip",
    version: 1,
    records: true,
    async *parse(input: ContainerInput) {
      const name = quotedName(input.uri);
      const { depth, spent } = input.within ?? noneSpent();
      if (depth >= limits.maxDepth) {
        throw new IsthmusError("parse_limit", `${name} lies ${limits.maxDepth} containers deep: it was not read.`);
      }
      const bytes = peekable(gunzipped(input.bytes, name, limits), () => undefined);
      try {
        const uri = unpackedUri(input.uri);
        const selection = select({ uri, version: "", size: 0, updatedAt: "" }, await bytes.peek(4096));
        if ("skip" in selection) throw selection.skip;
        const { parser, contentType } = selection;
        yield* parser.parse({
          ...input,
          uri,
          contentType,
          bytes: bytes.rest(),
          within: { depth: depth + 1, spent },
        } as ContainerInput);
      } finally {
        await bytes.close();
      }
    },
  };
}
