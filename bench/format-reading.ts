import { z } from "zod";

/** What `format-reader.ts` prints of the file that it has read. */
export const readingSchema = z.object({
  documents: z.number(),
  faults: z.number(),
  /** Of the text and the titles that came out. */
  characters: z.number(),
  /** From the first byte handed over to the last document; the start of the process and of its worker is not in it. */
  seconds: z.number(),
  /** Of all threads meanwhile. */
  cpuSeconds: z.number(),
  /** Bytes that the process held at its height, its worker's memory among them; not told outside Linux. */
  peakMemory: z.number().optional(),
});

export type FormatReading = z.infer<typeof readingSchema>;
