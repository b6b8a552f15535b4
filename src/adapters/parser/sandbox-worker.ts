// The inside of the sandbox: one job at a time, each answered by exactly one reply.
import { Console } from "node:console";
import { Writable } from "node:stream";
import { parentPort } from "node:worker_threads";
import { IsthmusError } from "../../core/errors.ts";
import type { SandboxItem, SandboxJob, SandboxReply } from "./sandbox-protocol.ts";

// Each reader loads its libraries when it is first needed: PDF alone takes some 100 ms.
const readers: Readonly<Record<SandboxJob["kind"], (job: SandboxJob) => Promise<readonly SandboxItem[]>>> = {
  html: async (job) => (await import("./html-reader.ts")).readHtml(job),
  pdf: async (job) => (await import("./pdf-reader.ts")).readPdf(job),
  "pdf-picture": async (job) => (await import("./pdf-picture-reader.ts")).drawPdfPage(job),
  docx: async (job) => (await import("./office/docx-reader.ts")).readDocx(job),
  xlsx: async (job) => (await import("./office/xlsx-reader.ts")).readXlsx(job),
  ods: async (job) => (await import("./office/ods-reader.ts")).readOds(job),
  pptx: async (job) => (await import("./office/pptx-reader.ts")).readPptx(job),
  odt: async (job) => (await import("./office/odt-reader.ts")).readOdt(job),
  odp: async (job) => (await import("./office/odp-reader.ts")).readOdp(job),
  epub: async (job) => (await import("./office/epub-reader.ts")).readEpub(job),
  rtf: async (job) => (await import("./rtf-reader.ts")).readRtf(job),
  subtitles: async (job) => (await import("./subtitles-reader.ts")).readSubtitles(job),
  notebook: async (job) => (await import("./notebook-reader.ts")).readNotebook(job),
  xml: async (job) => (await import("./xml-reader.ts")).readXml(job),
  mail: async (job) => (await import("./mail-reader.ts")).readMail(job),
  rst: async (job) => (await import("./markup/rst-reader.ts")).readRst(job),
  asciidoc: async (job) => (await import("./markup/asciidoc-reader.ts")).readAsciidoc(job),
  org: async (job) => (await import("./markup/org-reader.ts")).readOrg(job),
  latex: async (job) => (await import("./markup/latex-reader.ts")).readLatex(job),
  msg: async (job) => (await import("./msg-reader.ts")).readMsg(job),
  feed: async (job) => (await import("./feed-reader.ts")).readFeed(job),
};

function failure(job: SandboxJob, error: unknown): SandboxReply {
  if (error instanceof IsthmusError) return { ok: false, code: error.code, message: error.message };
  if (error instanceof RangeError) {
    const message = `${job.name} is nested or sized beyond what can be read as ${job.kind.toUpperCase()}.`;
    return { ok: false, code: "parse_limit", message };
  }
  // Messages of the libraries may quote the document.
  const reason = error instanceof Error ? error.name : "unknown error";
  const message = `${job.name} could not be read as ${job.kind.toUpperCase()} (${reason}): the file is damaged, or not what its name says.`;
  return { ok: false, code: "parse_failed", message };
}

// Warnings of the libraries are none of the user's business, and may quote the document.
const nowhere = new Writable({
  write(_chunk, _encoding, done) {
    done();
  },
});
globalThis.console = new Console(nowhere, nowhere);

// What a reader left running for a document that has failed already must not fail the next one.
process.on("unhandledRejection", () => undefined);

parentPort?.on("message", async (job: SandboxJob) => {
  const reply = await readers[job.kind](job).then(
    (parsed): SandboxReply => ({ ok: true, parsed }),
    (error: unknown) => failure(job, error),
  );
  const parts = reply.ok ? reply.parsed.flatMap((item) => (item.kind === "part" ? [item.bytes.buffer] : [])) : [];
  parentPort?.postMessage(reply, [...new Set(parts)]);
});
