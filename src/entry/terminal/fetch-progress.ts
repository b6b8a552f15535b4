import type { FetchProgress } from "../../compose/embedder.ts";
import { type Output, visible } from "./output.ts";

/** Shows a model's download: one live line on a terminal, a plain line every five seconds elsewhere. */
export function createFetchProgress(output: Output): { onProgress(progress: FetchProgress): void; stop(): void } {
  const live = process.stderr.isTTY === true;
  let shownAt = 0;
  let shown = false;
  return {
    onProgress(progress) {
      const now = performance.now();
      if (now - shownAt < (live ? 100 : 5000)) return;
      shownAt = now;
      shown = true;
      const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
      const text = `Fetching the model: ${visible(progress.file)}, ${megabytes(progress.receivedBytes)} of ${megabytes(progress.totalBytes)} MB`;
      if (live) process.stderr.write(`\r\x1b[2K${text}`);
      else output.note(text);
    },
    stop() {
      if (live && shown) process.stderr.write("\r\x1b[2K");
    },
  };
}
