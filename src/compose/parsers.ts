import { createParserRegistry } from "../adapters/parser/registry.ts";
import type { Settings } from "../config/settings.ts";

/** The parsers, with OCR where it was chosen. */
export async function openParsers(settings: Settings): Promise<ReturnType<typeof createParserRegistry>> {
  const { ocrLanguages: languages } = settings;
  if (languages === undefined) return createParserRegistry(settings);
  const { createTesseract } = await import("../adapters/ocr/tesseract.ts");
  return createParserRegistry({ ...settings, recognizer: createTesseract({ languages }) });
}
