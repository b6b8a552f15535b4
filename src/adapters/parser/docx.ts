import type { Parser } from "../../core/ports.ts";
import type { Sandbox } from "./sandbox.ts";
import { createSandboxedParser } from "./sandboxed-parser.ts";

/** Word documents, cut at their headings, see office/docx-reader.ts. Raise the version with any change of what comes out. */
export function createDocxParser(sandbox: Sandbox, maxFileBytes: number): Parser {
  return createSandboxedParser("docx", 8, sandbox, maxFileBytes);
}
