import { createTesseract } from "../adapters/ocr/tesseract.ts";
import { createParserRegistry } from "../adapters/parser/registry.ts";
import type { Settings } from "../config/settings.ts";

/** The parsers, with OCR where it was chosen. */
export function openParsers(settings: Settings): ReturnType<typeof createParserRegistry> {
  const { ocrLanguages } = settings;
  return createParserRegistry({
    ...settings,
    ...(ocrLanguages !== undefined && { recognizer: createTesseract({ languages: ocrLanguages }) }),
  });
}
