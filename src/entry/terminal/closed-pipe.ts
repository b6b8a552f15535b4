/**
 * `isthmus status --documents | head -1`: the reader of our output may go away. That is no failure: what is written after
 * it is lost, and the command goes on to its end without a word.
 *
 * @param onOther told of any other failure to write, as of a full disk.
 */
export function surviveClosedPipes(onOther: (error: Error) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") onOther(error);
    });
  }
}
