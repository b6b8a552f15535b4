import type { Parser } from "../../core/ports.ts";
import type { ParseFault } from "../../core/types.ts";
import type { ContainerInput, Part, PartsParser } from "./parts.ts";
import { throwIfAborted } from "./read-whole.ts";
import { noRecords, tooLargeFault } from "./record-faults.ts";
import { type Line, splitLines } from "./split-lines.ts";
import { uniqueIds } from "./unique-ids.ts";

// The line above each message: who sent it and when ("From ann@example.org Thu Nov 26 10:00:00 2026").
const separator = /^From (?:\S.*)?\d{1,2}:\d{2}/;
// A line of a message that would be taken for it has been quoted by whoever wrote the mailbox.
const quoted = /^>+From /;
const lineFeed = Buffer.from("\n");
const longestSeparator = 1000;
const headerBytes = 64 * 1024;

function textOf(line: Uint8Array): string {
  return Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, longestSeparator)).toString("latin1");
}

interface RawMessage {
  /** From 1. */
  readonly number: number;
  /** Undefined for one that is over the limit: it was counted and not held. */
  readonly bytes: Buffer | undefined;
}

async function* messagesOf(lines: AsyncIterable<Line>, maxBytes: number): AsyncGenerator<RawMessage> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  let afterBlank = true;
  const message = (): RawMessage => ({ number, bytes: size > maxBytes ? undefined : Buffer.concat(parts) });
  for await (const { bytes, size: length } of lines) {
    const text = bytes === undefined ? "" : textOf(bytes).replace(/^\xef\xbb\xbf(?=From )/, "");
    if (afterBlank && separator.test(text)) {
      if (number > 0) yield message();
      number += 1;
      parts = [];
      size = 0;
    } else if (number > 0) {
      size += length + 1;
      if (size > maxBytes) parts = [];
      else if (bytes) parts.push(quoted.test(text) ? bytes.subarray(1) : bytes, lineFeed);
    }
    afterBlank = length === 0;
  }
  if (number > 0) yield message();
}

/** The message's own id, by which it stays the same when others are deleted; else its number. */
function messageId(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, headerBytes).toString("latin1");
  const end = head.indexOf("\n\n");
  return /^message-id:\s{0,10}<?([\x21-\x3b\x3d\x3f-\x7e]{1,250})>?/im.exec(
    end === -1 ? head : head.slice(0, end),
  )?.[1];
}

async function* partsOf(input: ContainerInput, maxMessageBytes: number): AsyncGenerator<Part | ParseFault> {
  const idOf = uniqueIds();
  for await (const { number, bytes } of messagesOf(splitLines(input.bytes, maxMessageBytes), maxMessageBytes)) {
    throwIfAborted(input.signal);
    if (bytes === undefined) yield tooLargeFault(idOf(String(number)), `Message ${number}`, maxMessageBytes);
    else {
      const whole = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes;
      };
      yield { id: idOf(messageId(bytes) ?? String(number)), contentType: "message/rfc822", bytes: whole() };
    }
  }
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}

/**
 * Mailboxes: a message is a record, by its Message-ID or its number, and its attachments are records beside it. Streamed: a
 * mailbox may be of any size, and one message as large as one document.
 */
export function createMboxParser(maxMessageBytes: number, parseParts: PartsParser): Parser {
  return {
    name: "mbox",
    version: 3,
    records: true,
    async *parse(input: ContainerInput) {
      let found = false;
      const parts = partsOf(input, maxMessageBytes);
      if (input.within) {
        yield* parseParts(parts, input);
        return;
      }
      // Nothing is packed here: what one message may hold is bounded, their number is not.
      for await (const part of parts) {
        found = true;
        yield* parseParts(only(part), input);
      }
      if (!found) throw noRecords(input, 'no line "From …" with a time begins a message');
    },
  };
}
