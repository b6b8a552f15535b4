import { decoderOf } from "./code-pages.ts";
import { outlookFields, timeOfFile } from "./outlook-fields.ts";

/** What Outlook put into a `winmail.dat`. */
export interface Tnef {
  /** Of the message itself; "" where it is kept otherwise. */
  readonly subject: string;
  readonly from: string;
  /** ISO; "" for none. */
  readonly date: string;
  /** What it says beside its text, by name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
  readonly compressedRtf: Uint8Array | undefined;
  readonly attachments: readonly TnefAttachment[];
  /** It ends too early: the rest could not be read. */
  readonly damaged: boolean;
}

interface TnefAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The bytes are a message, which is TNEF again. */
  readonly isMessage: boolean;
}

// Attributes and properties of [MS-OXTNEF] and [MS-OXPROPS].
const signature = 0x223e9f78;
const attribute = {
  codePage: 0x00069007,
  from: 0x00008000,
  subject: 0x00018004,
  messageClass: 0x00078008,
  body: 0x0002800c,
  messageProperties: 0x00069003,
  attachmentBegins: 0x00069002,
  attachmentTitle: 0x00018010,
  attachmentData: 0x0006800f,
  attachmentProperties: 0x00069005,
} as const;
const property = {
  messageClass: 0x001a,
  subject: 0x0037,
  submitted: 0x0039,
  delivered: 0x0e06,
  body: 0x1000,
  compressedRtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  data: 0x3701,
  shortFileName: 0x3704,
  longFileName: 0x3707,
  mimeType: 0x370e,
  internetCodePage: 0x3fde,
} as const;
const type = {
  whole: 0x0003,
  object: 0x000d,
  ansi: 0x001e,
  wide: 0x001f,
  binary: 0x0102,
  time: 0x0040,
  several: 0x1000,
} as const;
const firstNamed = 0x8000;
const named = 0x10000;
const sizes: Readonly<Record<number, number>> = {
  2: 4,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 4,
  20: 8,
  64: 8,
  72: 16,
};
/** Its level, number and length, and the sum of its bytes. */
const leastAttribute = 11;
/** The first 16 bytes of an object say what it is: this is a message (IID_IMessage). */
const messageInterface = Buffer.from("0703020000000000c000000000000046", "hex");

/** A place in bytes that moves on; to read beyond the end throws a RangeError. */
class Cursor {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.take(1).readUInt8();
  }

  u16(): number {
    return this.take(2).readUInt16LE();
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  take(length: number): Buffer {
    if (length > this.left) throw new RangeError("the file ends too early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** With what fills it up to a multiple of four, as far as that is there. */
  takePadded(length: number): Buffer {
    const value = this.take(length);
    this.at += Math.min((4 - (length % 4)) % 4, this.left);
    return value;
  }
}

interface Value {
  readonly type: number;
  readonly bytes: Buffer;
}

/**
 * Adds the properties to those that are found, by their number, the first of several values; those with a name of their own by
 * that name, where it is a number, above all others. @throws RangeError where they end too early; what came before is found.
 */
function addProperties(bytes: Uint8Array, found: Map<number, Value>): void {
  const cursor = new Cursor(bytes);
  for (let left = cursor.u32(); left > 0; left -= 1) {
    const kind = cursor.u16();
    const number = cursor.u16();
    let key: number | undefined = number;
    if (number >= firstNamed) {
      cursor.take(16);
      key = undefined;
      if (cursor.u32() === 0) key = named + cursor.u32();
      else cursor.takePadded(cursor.u32());
    }
    const single = kind & ~type.several;
    const size = sizes[single];
    const count = size === undefined || kind !== single ? cursor.u32() : 1;
    for (let index = 0; index < count; index += 1) {
      const value = size === undefined ? cursor.takePadded(cursor.u32()) : cursor.take(size);
      if (index === 0 && key !== undefined) found.set(key, { type: single, bytes: value });
    }
  }
}

/**
 * Reads Outlook's container for attachments. An own reader: the one package for it has no releases to rely on, and this
 * wants only the attachments and the body.
 *
 * @returns undefined for what is no TNEF.
 */
export function readTnef(bytes: Uint8Array): Tnef | undefined {
  const cursor = new Cursor(bytes);
  if (cursor.left < 6 || cursor.u32() !== signature) return undefined;
  cursor.u16(); // A key for references, without a use here.
  let ansi = decoderOf(undefined);
  const message = new Map<number, Value>();
  let oldBody = "";
  let oldSubject = "";
  let oldClass = "";
  let from = "";
  const attachments: { title: string; data: Uint8Array; properties: Map<number, Value> }[] = [];
  let damaged = false;
  const asFarAsItGoes = (read: () => void): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      damaged = true;
    }
  };
  const readAttribute = (number: number, value: Buffer): void => {
    const attachment = attachments.at(-1);
    if (number === attribute.codePage && value.length >= 4) ansi = decoderOf(value.readUInt32LE());
    else if (number === attribute.body) oldBody = textUntilNul(ansi.decode(value));
    else if (number === attribute.subject) oldSubject = textUntilNul(ansi.decode(value));
    else if (number === attribute.messageClass) oldClass = textUntilNul(ansi.decode(value));
    else if (number === attribute.from) from = senderOf(value, ansi);
    else if (number === attribute.messageProperties) addProperties(value, message);
    else if (number === attribute.attachmentBegins)
      attachments.push({ title: "", data: new Uint8Array(), properties: new Map() });
    else if (attachment && number === attribute.attachmentTitle) attachment.title = textUntilNul(ansi.decode(value));
    else if (attachment && number === attribute.attachmentData) attachment.data = value;
    else if (attachment && number === attribute.attachmentProperties) addProperties(value, attachment.properties);
  };
  asFarAsItGoes(() => {
    // Mail programs leave a line end behind the last attribute.
    while (cursor.left >= leastAttribute) {
      cursor.u8(); // Of the message or of an attachment: the number says it too.
      const number = cursor.u32();
      const value = cursor.take(cursor.u32());
      asFarAsItGoes(() => readAttribute(number, value));
      cursor.u16(); // A sum of the bytes, which programs are known to write wrong.
    }
  });
  const textOf = (properties: ReadonlyMap<number, Value>, number: number): string => {
    const value = properties.get(number);
    if (value?.type === type.wide) return textUntilNul(value.bytes.toString("utf16le"));
    return value?.type === type.ansi ? textUntilNul(ansi.decode(value.bytes)) : "";
  };
  const page = message.get(property.internetCodePage);
  const internetPage = page?.type === type.whole ? page.bytes.readUInt32LE() : undefined;
  const html = message.get(property.html);
  const timeOf = (number: number): string => {
    const value = message.get(number);
    return value?.type === type.time ? timeOfFile(value.bytes) : "";
  };
  // Its form of before 1996 has "Microsoft Schedule" in its name.
  const isOldMeeting = /^IPM\.Microsoft Schedule/i.test(oldClass);
  const calledClass = textOf(message, property.messageClass) || (isOldMeeting ? "IPM.Schedule" : oldClass);
  return {
    subject: textOf(message, property.subject) || oldSubject,
    from,
    date: timeOf(property.submitted) || timeOf(property.delivered),
    fields: outlookFields({
      text: (number) => (number === property.messageClass ? calledClass : textOf(message, number)),
      time: timeOf,
      named: (longId) => named + longId,
    }),
    text: textOf(message, property.body) || oldBody,
    html:
      html?.type === type.binary
        ? decoderOf(internetPage ?? 65_001).decode(html.bytes)
        : textOf(message, property.html),
    compressedRtf: message.get(property.compressedRtf)?.bytes,
    attachments: attachments.flatMap(({ title, data, properties }): TnefAttachment[] => {
      const object = properties.get(property.data);
      const isObject = object?.type === type.object;
      const isMessage = isObject && object.bytes.subarray(0, 16).equals(messageInterface);
      const content = isObject ? object.bytes.subarray(16) : (object?.bytes ?? data);
      const given = [property.longFileName, property.shortFileName].map((number) => textOf(properties, number));
      const name = given.find((one) => one !== "") || title || textOf(properties, property.displayName);
      const contentType = textOf(properties, property.mimeType).toLowerCase();
      // A copy of its own: what is a view into the whole file cannot be handed over alone.
      return content.length === 0 ? [] : [{ name, contentType, bytes: new Uint8Array(content), isMessage }];
    }),
    damaged,
  };
}

/** Name and address of the sender: a structure of lengths, then both. */
function senderOf(value: Buffer, ansi: { decode(bytes: Uint8Array): string }): string {
  if (value.length < 8) return "";
  const nameEnd = 8 + value.readUInt16LE(4);
  const called = textUntilNul(ansi.decode(value.subarray(8, nameEnd)));
  const address = textUntilNul(ansi.decode(value.subarray(nameEnd))).replace(/^SMTP:/i, "");
  if (!address.includes("@") || called === address) return called || address;
  return called === "" ? address : `${called} <${address}>`;
}

function textUntilNul(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
