interface TnefFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** The content is a message: TNEF again. */
  readonly isMessage?: boolean;
  /** Outlook's own names and types of values: else those of before 1996. */
  readonly old?: boolean;
}

interface TnefMessage {
  readonly subject?: string;
  /** Name and address. */
  readonly from?: readonly [string, string];
  readonly meeting?: { readonly start: Date; readonly place: string };
  readonly html?: string;
  readonly compressedRtf?: Uint8Array;
  readonly files?: readonly TnefFile[];
}

const number = (value: number, length: 2 | 4): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes;
};

function attribute(level: 1 | 2, id: number, value: Uint8Array): Buffer {
  const sum = value.reduce((total, byte) => (total + byte) % 65_536, 0);
  return Buffer.concat([Buffer.of(level), number(id, 4), number(value.length, 4), value, number(sum, 2)]);
}

/** A property of variable length; one with a name of its own stands before it, as in real files. */
function property(type: number, id: number, value: Uint8Array): Buffer {
  const filled = Buffer.alloc((4 - (value.length % 4)) % 4);
  return Buffer.concat([number(type, 2), number(id, 2), number(1, 4), number(value.length, 4), value, filled]);
}

/** A property that has a name of its own, by number. */
function namedProperty(type: number, longId: number, value: readonly Buffer[]): Buffer {
  return Buffer.concat([
    number(type, 2),
    number(0x8002, 2),
    Buffer.alloc(16),
    number(0, 4),
    number(longId, 4),
    ...value,
  ]);
}

export function windowsTime(date: Date): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(date.getTime()) * 10_000n + 116_444_736_000_000_000n);
  return bytes;
}

const name = Buffer.from("Keywords\0", "utf16le");
const named = Buffer.concat([
  ...[
    number(0x101f, 2),
    number(0x8001, 2),
    Buffer.alloc(16),
    number(1, 4),
    number(name.length, 4),
    name,
    Buffer.alloc(2),
  ],
  ...[number(2, 4), number(2, 4), Buffer.from("a\0b\0"), number(2, 4), Buffer.from("c\0d\0")],
]);
const fixed = Buffer.concat([number(3, 2), number(0x0e21, 2), number(7, 4)]);

const properties = (all: readonly Buffer[]): Buffer => Buffer.concat([number(all.length + 2, 4), fixed, named, ...all]);

/** A `winmail.dat` ([MS-OXTNEF]). */
export function makeTnef({ subject, from, meeting, html, compressedRtf, files = [] }: TnefMessage): Buffer {
  const latin1 = (text: string): Buffer => Buffer.from(`${text}\0`, "latin1");
  const place = Buffer.from(`${meeting?.place}\0`, "utf16le");
  const filled = Buffer.concat([place, Buffer.alloc((4 - (place.length % 4)) % 4)]);
  const sender = from && [latin1(from[0]), latin1(`SMTP:${from[1]}`)];
  const head = [
    ...(sender
      ? [
          attribute(
            1,
            0x00008000,
            Buffer.concat([number(4, 2), number(0, 2), ...sender.map((one) => number(one.length, 2)), ...sender]),
          ),
        ]
      : []),
    ...(subject === undefined ? [] : [attribute(1, 0x00018004, latin1(subject))]),
    ...(meeting ? [attribute(1, 0x00078008, latin1("IPM.Appointment"))] : []),
  ];
  const body = [
    ...(meeting
      ? [
          namedProperty(0x0040, 0x820d, [windowsTime(meeting.start)]),
          namedProperty(0x001f, 0x8208, [number(1, 4), number(place.length, 4), filled]),
        ]
      : []),
    ...(html === undefined ? [] : [property(0x0102, 0x1013, Buffer.from(html))]),
    ...(compressedRtf ? [property(0x0102, 0x1009, compressedRtf)] : []),
  ];
  const parts = files.flatMap(({ name: given, content, isMessage, old }) => {
    const bytes = Buffer.from(content as Uint8Array);
    const begins = attribute(2, 0x00069002, Buffer.alloc(14));
    const title = attribute(2, 0x00018010, Buffer.from(`${old ? given : "SHORT~1.TXT"}\0`, "latin1"));
    if (old) return [begins, title, attribute(2, 0x0006800f, bytes)];
    const interfaceId = Buffer.from("0703020000000000c000000000000046", "hex");
    const data = isMessage ? property(0x000d, 0x3701, Buffer.concat([interfaceId, bytes])) : undefined;
    const long = property(0x001f, 0x3707, Buffer.from(`${given}\0`, "utf16le"));
    return [
      ...[begins, title, ...(data ? [] : [attribute(2, 0x0006800f, bytes)])],
      attribute(2, 0x00069005, properties([long, ...(data ? [data] : [])])),
    ];
  });
  return Buffer.concat([
    ...[number(0x223e9f78, 4), number(1, 2), attribute(1, 0x00069007, number(1252, 4)), ...head],
    ...[attribute(1, 0x00069003, properties(body)), ...parts, Buffer.from("\r\n")],
  ]);
}
