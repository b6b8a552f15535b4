import type { Parser } from "../../core/ports.ts";
import { readWhole } from "./read-whole.ts";
import type { Sandbox } from "./sandbox.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

/** A parser of files read whole, whose reader runs in the sandbox. */
export function createSandboxedParser(
  kind: SandboxJob["kind"],
  version: number,
  sandbox: Sandbox,
  maxFileBytes: number,
  /** The file holds many documents, each with an id. */
  records = false,
): Parser {
  return {
    name: kind,
    version,
    records,
    async *parse(input) {
      const bytes = await readWhole(input, maxFileBytes);
      const job = { kind, name: quotedName(input.uri), fallbackTitle: titleFromUri(input.uri), bytes };
      yield* await sandbox.run(job, input.signal);
    },
  };
}
