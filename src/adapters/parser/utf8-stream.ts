import { isUtf8 } from "node:buffer";
import {
  byteOrderMark,
  countReplaced,
  type Decoding,
  type EncodingName,
  firstBeyondAscii,
  markSample,
  sampleAfter,
  sampleBefore,
  wholeSequences,
} from "./decode.ts";
import { marklessUnicode } from "./utf32.ts";

/** Hands out bytes in the amounts that a decision needs, whatever the pieces they come in. */
function createPull(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  let ended = false;
  const more = async (): Promise<boolean> => {
    if (ended) return false;
    const next = await iterator.next();
    if (next.done) {
      ended = true;
      return false;
    }
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  return {
    /** All that is held, at least so many bytes unless the stream ends before. */
    async atLeast(bytes: number): Promise<Uint8Array> {
      while (held.length < bytes && (await more()));
      return held;
    },
    /** Takes bytes from the front of what is held. */
    drop(bytes: number): void {
      held = held.subarray(bytes);
    },
    close: async (): Promise<void> => void (await iterator.return?.()),
  };
}

type Pull = ReturnType<typeof createPull>;
type Report = (decoding: Decoding) => void;

/**
 * What the bytes that are left are in. Up to there everything is ASCII, which is the same in whatever it may be, and is
 * passed on.
 */
async function* untilDecided(pull: Pull): AsyncGenerator<Uint8Array, EncodingName> {
  const head = (await pull.atLeast(markSample)).subarray(0, markSample);
  const mark = byteOrderMark(head);
  if (mark) {
    pull.drop(mark.length);
    return mark.encoding;
  }
  const wide = marklessUnicode(head);
  if (wide) return wide;
  if (head.includes(0x1b) && (await import("./legacy-encoding.ts")).isIso2022(head)) return "iso-2022-jp";
  // The words before the first byte beyond ASCII are part of the sample.
  let before: Uint8Array = new Uint8Array(0);
  for (let held = await pull.atLeast(1); held.length > 0; held = await pull.atLeast(1)) {
    const first = firstBeyondAscii(held);
    if (first === -1) {
      pull.drop(held.length);
      before = Buffer.concat([before, held.subarray(-sampleBefore)]).subarray(-sampleBefore);
      yield held;
      continue;
    }
    const upTo = first + sampleAfter;
    const available = await pull.atLeast(upTo + 1);
    const sample = Buffer.concat([before, available.subarray(0, upTo)]);
    const isCut = available.length > upTo;
    if (isUtf8(isCut ? wholeSequences(sample) : sample)) return "utf-8";
    const start = Math.max(0, before.length + first - sampleBefore);
    return (await import("./legacy-encoding.ts")).encodingOfSample(sample.subarray(start), isCut);
  }
  return "utf-8";
}

async function* soundUtf8(pull: Pull, report: Report): AsyncGenerator<Uint8Array> {
  let replaced = 0;
  let cut = 0;
  for (;;) {
    const held = await pull.atLeast(cut + 1);
    if (held.length === 0) break;
    const whole = held.length > cut ? wholeSequences(held) : held;
    cut = held.length - whole.length;
    pull.drop(whole.length);
    if (isUtf8(whole)) {
      if (whole.length > 0) yield whole;
      continue;
    }
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole);
    replaced += countReplaced(text, whole, "utf-8");
    yield Buffer.from(text, "utf8");
  }
  report({ encoding: "utf-8", replaced });
}

async function* converted(pull: Pull, encoding: EncodingName, report: Report): AsyncGenerator<Uint8Array> {
  const { createDecoder } = await import("./legacy-encoding.ts");
  const decoder = createDecoder(encoding);
  let replaced = 0;
  for (let held = await pull.atLeast(1); ; held = await pull.atLeast(1)) {
    const text = decoder.decode(held, { stream: held.length > 0 });
    replaced += countReplaced(text, held, encoding);
    if (text !== "") yield Buffer.from(text, "utf8");
    if (held.length === 0) break;
    pull.drop(held.length);
  }
  report({ encoding, replaced });
}

/**
 * The bytes as valid UTF-8 without a byte order mark, whatever encoding they are in (see decode.ts), as they stream. How
 * the stream is cut makes no difference. Bytes that are no character become U+FFFD.
 *
 * @param report is told at the end what the file was read as, and how much of it could not be.
 */
export async function* utf8Stream(
  bytes: AsyncIterable<Uint8Array>,
  report: Report = () => undefined,
): AsyncGenerator<Uint8Array> {
  const pull = createPull(bytes);
  try {
    const encoding = yield* untilDecided(pull);
    yield* encoding === "utf-8" ? soundUtf8(pull, report) : converted(pull, encoding, report);
  } finally {
    // A consumer that stops early must release the source.
    await pull.close();
  }
}
