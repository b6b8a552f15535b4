import { IsthmusError } from "../../core/errors.ts";
import type { Parsed } from "../../core/types.ts";
import { lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import { decodeHtml } from "./html-charset.ts";
import { htmlContent } from "./html-content.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

/** Runs in the sandbox. */
export async function readHtml(job: SandboxJob): Promise<readonly Parsed[]> {
  const page = await decodeHtml(job.bytes);
  const { title, text, sections, emptyBecause } = htmlContent(page.text);
  if (emptyBecause !== undefined) throw new IsthmusError("content_empty", `${job.name} ${emptyBecause}`);
  const document = wholeDocument(job.name, { title: title || job.fallbackTitle, text, sections });
  const lost = lostCharacters(page);
  return lost ? [document, lost] : [document];
}
