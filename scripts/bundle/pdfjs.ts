import { cp } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../run.ts";

/** The character maps and fonts of pdf.js, where the PDF reader looks for them: in a folder `pdfjs` beside its code. */
export async function copyPdfjsData(folder: string): Promise<void> {
  for (const data of ["cmaps", "standard_fonts"]) {
    await cp(join(root, "node_modules/pdfjs-dist", data), join(folder, "pdfjs", data), { recursive: true });
  }
}
