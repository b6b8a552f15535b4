import type { Parser } from "../../core/ports.ts";
import type { Sandbox } from "./sandbox.ts";
import { createSandboxedParser } from "./sandboxed-parser.ts";

/** HTML without its boilerplate, see html-content.ts. Raise the version with any change of what comes out. */
export function createHtmlParser(sandbox: Sandbox, maxFileBytes: number): Parser {
  return createSandboxedParser("html", 9, sandbox, maxFileBytes);
}
