import { type ClientHttp2Stream, constants } from "node:http2";

/**
 * Node 24.20 and newer (and 26.3 and newer) tell whoever iterates over an HTTP/2 answer that it closed too early, when all of it has come
 * before the iteration began (https://github.com/nodejs/node/issues/65677): on a busy machine any answer may. Here it is read as it comes
 * and ends when the stream says so. Answers are single messages, which are held whole anyway.
 *
 * @returns the same stream, which iterates so.
 */
export function readWhole(stream: ClientHttp2Stream): ClientHttp2Stream {
  return Object.assign(stream, { [Symbol.asyncIterator]: () => piecesOf(stream) });
}

async function* rest(pieces: Buffer[], state: { ended: boolean; failure?: unknown; wake?: () => void }) {
  for (;;) {
    const piece = pieces.shift();
    if (piece !== undefined) yield piece;
    else if (state.ended) return undefined;
    else if (state.failure !== undefined) throw state.failure;
    else
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
  }
}

/** Listens from now on, whenever it is read. */
function piecesOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer, undefined, undefined> {
  const pieces: Buffer[] = [];
  const state: Parameters<typeof rest>[1] = { ended: false };
  const failed = (error: unknown) => {
    state.failure ??= error;
    state.wake?.();
  };
  const brokenOff = () => failed(new Error("the connection closed in the middle of an answer"));
  stream
    .on("data", (piece: Buffer) => {
      pieces.push(piece);
      state.wake?.();
    })
    .on("end", () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return brokenOff();
      state.ended = true;
      state.wake?.();
    })
    .on("error", failed)
    .on("close", brokenOff);
  return rest(pieces, state);
}
