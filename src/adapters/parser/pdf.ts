import type { Parser } from "../../core/ports.ts";
import type { Sandbox } from "./sandbox.ts";
import { createSandboxedParser } from "./sandboxed-parser.ts";

/** PDF with a text layer, a section a page, see pdf-reader.ts. Raise the version with any change of what comes out. */
export function createPdfParser(sandbox: Sandbox, maxFileBytes: number): Parser {
  return createSandboxedParser("pdf", 2, sandbox, maxFileBytes);
}
