import type { Parser } from "../../core/ports.ts";
import { readWhole } from "./read-whole.ts";
import type { Sandbox } from "./sandbox.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

/** A parser of whole files whose reader runs in the sandbox. */
export function createSandboxedParser(
  kind: SandboxJob["kind"],
  version: number,
  sandbox: Sandbox,
  maxFileBytes: number,
): Parser {
  return {
    name: kind,
    version,
    records: false,
    async *parse(input) {
      const bytes = await readWhole(input, maxFileBytes);
      const job = { kind, name: quotedName(input.uri), fallbackTitle: titleFromUri(input.uri), bytes };
      yield { kind: "document", ...(await sandbox.run(job, input.signal)) };
    },
  };
}
