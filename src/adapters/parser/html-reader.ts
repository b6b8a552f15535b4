import type { Parsed } from "../../core/types.ts";
import { wholeDocument } from "./document.ts";
import { decodeHtml } from "./html-charset.ts";
import { htmlContent } from "./html-content.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

/** Runs in the sandbox. */
export async function readHtml(job: SandboxJob): Promise<readonly Parsed[]> {
  const { title, text, sections } = htmlContent(decodeHtml(job.bytes, job.name));
  return [wholeDocument(job.name, { title: title || job.fallbackTitle, text, sections })];
}
