import { IsthmusError } from "../../core/errors.ts";
import type { Parser } from "../../core/ports.ts";
import type { ContainerInput, Part, PartsParser } from "./parts.ts";
import { readWhole } from "./read-whole.ts";
import type { Sandbox } from "./sandbox.ts";
import type { EmbeddedPart, SandboxJob } from "./sandbox-protocol.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

/** A parser of files read whole, whose reader runs in the sandbox. */
export function createSandboxedParser(
  kind: SandboxJob["kind"],
  version: number,
  sandbox: Sandbox,
  maxFileBytes: number,
  /** The file holds many documents, each with an id. */
  records = false,
  /** For a kind that may have files in it. */
  parseParts?: PartsParser,
): Parser {
  return {
    name: kind,
    version,
    records,
    async *parse(input: ContainerInput) {
      const bytes = await readWhole(input, maxFileBytes);
      const job = { kind, name: quotedName(input.uri), fallbackTitle: titleFromUri(input.uri), bytes };
      const parts: EmbeddedPart[] = [];
      let found = false;
      for (const item of await sandbox.run(job, input.signal)) {
        if (item.kind === "part") parts.push(item);
        else if (item.kind !== "unread") {
          found = true;
          yield item;
        }
      }
      if (parts.length === 0) return;
      for await (const parsed of parseParts?.(streamed(parts), input) ?? []) {
        found = true;
        yield parsed;
      }
      if (!found) {
        const others = parts.length === 1 ? "the file in it is" : `the ${parts.length} files in it are`;
        throw new IsthmusError(
          "content_empty",
          `${job.name} holds no text of its own, and ${others} empty or of a kind that is not read.`,
        );
      }
    },
  };
}

/** Parts as a container hands them on. */
export async function* streamed(parts: readonly EmbeddedPart[]): AsyncGenerator<Part> {
  for (const { id, contentType, bytes } of parts) {
    const whole = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    yield { id, ...(contentType !== undefined && { contentType }), bytes: whole() };
  }
}
