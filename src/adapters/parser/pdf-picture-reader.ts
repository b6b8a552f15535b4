import { IsthmusError } from "../../core/errors.ts";
import { openPdf } from "./pdf-document.ts";
import type { EmbeddedPart, SandboxJob } from "./sandbox-protocol.ts";

// What OCR reads best; a page of A4 is 8.7 million pixels then.
const dotsPerInch = 300;
const mostPixels = 16_000_000;

/** What pdf.js makes with its optional canvas. */
interface Canvas {
  toBuffer(type: "image/png"): Uint8Array;
}

/** Runs in the sandbox: draws one page (`job.page`, from 1) as a PNG. */
export async function drawPdfPage(job: SandboxJob): Promise<readonly EmbeddedPart[]> {
  const number = job.page ?? 1;
  const pdf = await openPdf(job.name, job.bytes);
  try {
    const page = await pdf.getPage(number);
    const full = page.getViewport({ scale: dotsPerInch / 72 });
    const smaller = Math.min(1, Math.sqrt(mostPixels / (full.width * full.height)));
    const viewport = page.getViewport({ scale: (dotsPerInch / 72) * smaller });
    const { canvas, context } = newCanvas(pdf.canvasFactory, Math.ceil(viewport.width), Math.ceil(viewport.height));
    await page.render({ canvas: null, canvasContext: context, viewport }).promise;
    const bytes = new Uint8Array(canvas.toBuffer("image/png"));
    return [{ kind: "part", id: `page ${number}`, contentType: "image/png", bytes }];
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function newCanvas(factory: object, width: number, height: number): { canvas: Canvas; context: object } {
  try {
    if (!("create" in factory) || typeof factory.create !== "function") throw new Error("no factory");
    return factory.create(width, height);
  } catch (cause) {
    const message =
      "Pages cannot be drawn for OCR: the optional package @napi-rs/canvas is not installed. Install without --omit=optional, or turn ISTHMUS_OCR off.";
    throw new IsthmusError("config_invalid", message, { cause });
  }
}
