// pdf.js reads in a worker of its own, or in this thread where its worker's module is loaded already. This thread is the
// sandbox: a second one would escape its limits.
import "pdfjs-dist/legacy/build/pdf.worker.mjs";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { IsthmusError } from "../../core/errors.ts";

export type PdfDocument = Awaited<ReturnType<typeof getDocument>["promise"]>;
export type PdfPage = Awaited<ReturnType<PdfDocument["getPage"]>>;

interface PdfOptions {
  /** What fonts call their glyphs is told with the operators of a page. */
  readonly glyphs?: boolean;
  /** Pictures of more pixels are not unpacked when the operators of a page are read. */
  readonly picturesOver?: number;
  /** What becomes of the list of operators where such a picture comes: it ends before it, or goes on without it. */
  readonly atPicture?: "stop" | "leave out";
}

/** Character maps, fonts and decoders: beside the bundle of a deployable, else in the package. */
function dataFolder(): string {
  const beside = fileURLToPath(new URL("./pdfjs", import.meta.url));
  if (existsSync(beside)) return beside;
  return dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
}

/**
 * @param name how messages call the file.
 * @param bytes are taken over: a copy is needed to open the file again.
 * @throws `parse_encrypted`, `parse_failed`.
 */
export async function openPdf(name: string, bytes: Uint8Array, options: PdfOptions = {}): Promise<PdfDocument> {
  const data = dataFolder();
  const { picturesOver, atPicture } = options;
  const task = getDocument({
    data: bytes,
    // No fonts from the machine: the same file must give the same text everywhere.
    useSystemFonts: false,
    disableFontFace: true,
    enableXfa: true,
    fontExtraProperties: options.glyphs === true,
    cMapUrl: join(data, "cmaps/"),
    cMapPacked: true,
    standardFontDataUrl: join(data, "standard_fonts/"),
    wasmUrl: join(data, "wasm/"),
    ...(picturesOver === undefined ? {} : { maxImageSize: picturesOver, stopAtErrors: atPicture === "stop" }),
    disableWorkerRendering: true,
    verbosity: 0, // Errors only.
  });
  try {
    return await task.promise;
  } catch (cause) {
    // What was begun for a file that cannot be opened is kept until then, and broken files are many.
    await task.destroy().catch(() => undefined);
    if (cause instanceof Error && cause.name === "PasswordException") {
      const message = `${name} is protected by a password. Save a copy without one and ingest that.`;
      throw new IsthmusError("parse_encrypted", message, { cause });
    }
    const message = `${name} is not a PDF that can be read: it is damaged or cut off. Try to open it, and save it again.`;
    throw new IsthmusError("parse_failed", message, { cause });
  }
}
