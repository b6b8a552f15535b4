import { isUtf8 } from "node:buffer";
import { type Decoder, decoderOf } from "./code-pages.ts";

/** Pages are small numbers, and a hostile file may name many. */
const decodersKept = 64;

/**
 * The bytes of a text until they are complete: a character may be several, some written as they are and some as numbers, and a
 * character of `\u` is followed by others in their place, for readers that do not know it.
 */
export class RtfBytes {
  private readonly decoders = new Map<number, Decoder>();
  private held = "";
  private toSkip = 0;
  private readonly isUtf8: boolean;

  /** @param isUtf8 whether what stands beyond ASCII in the source is UTF-8, which RTF does not allow and some programs write. */
  constructor(isUtf8: boolean) {
    this.isUtf8 = isUtf8;
  }

  /** Fallback characters that are to come. */
  skip(count: number): void {
    this.toSkip = count;
  }

  /** Whether the next sign stands for one that was said already. */
  skips(): boolean {
    if (this.toSkip === 0) return false;
    this.toSkip -= 1;
    return true;
  }

  add(run: string): void {
    const skipped = Math.min(this.toSkip, run.length);
    this.toSkip -= skipped;
    this.held += skipped === 0 ? run : run.slice(skipped);
  }

  /** The text of what is held, in a code page of Windows, else in another one. */
  take(page: number, otherwise = page): string {
    const { held } = this;
    this.held = "";
    if (held === "" || /^[\0-\x7f]*$/.test(held)) return held;
    const bytes = Buffer.from(held, "latin1");
    if (this.isUtf8 && isUtf8(bytes)) return bytes.toString("utf8");
    const text = this.decoderOf(page).decode(bytes);
    return otherwise !== page && text.includes("\ufffd") ? this.decoderOf(otherwise).decode(bytes) : text;
  }

  private decoderOf(page: number): Decoder {
    const decoder = this.decoders.get(page) ?? decoderOf(page);
    if (this.decoders.size < decodersKept) this.decoders.set(page, decoder);
    return decoder;
  }
}
