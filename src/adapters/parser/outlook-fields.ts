/** What is asked of an Outlook item, however it is kept. */
export interface OutlookItem {
  /** A text by its property's number. */
  text(property: number): string;
  /** A time by its property's number, ISO; "" for none. */
  time(property: number): string;
  /** The number that a named property ([MS-OXPROPS], by its long ID) has in this file. */
  named(longId: number): number | undefined;
}

const messageClass = 0x001a;
const byClass: readonly (readonly [
  pattern: RegExp,
  fields: readonly (readonly [name: string, kind: Kind, id: number])[],
])[] = [
  [
    /^IPM\.(?:Appointment|Schedule)\b/i,
    [
      ["start", "named time", 0x820d],
      ["end", "named time", 0x820e],
      ["location", "named", 0x8208],
      ["recurrence", "named", 0x8232],
    ],
  ],
  [
    /^IPM\.Task/i,
    [
      ["start", "named time", 0x8104],
      ["due", "named time", 0x8105],
      ["owner", "named", 0x811f],
    ],
  ],
  [
    /^IPM\.Contact\b/i,
    [
      ["company", "plain", 0x3a16],
      ["department", "plain", 0x3a18],
      ["position", "plain", 0x3a17],
      ["email", "named", 0x8083],
      ["email 2", "named", 0x8093],
      ["email 3", "named", 0x80a3],
      ["phone", "plain", 0x3a08],
      ["home phone", "plain", 0x3a09],
      ["mobile", "plain", 0x3a1c],
      ["fax", "plain", 0x3a24],
      ["address", "named", 0x801b],
      ["home address", "named", 0x801a],
      ["web page", "plain", 0x3a51],
    ],
  ],
];
type Kind = "plain" | "named" | "named time";

/** 100 ns from 1601 to 1970. */
const epochOffset = 116_444_736_000_000_000n;

/** A time as Windows keeps it, eight bytes; "" for none. */
export function timeOfFile(bytes: Buffer): string {
  const milliseconds = Number((bytes.readBigUInt64LE() - epochOffset) / 10_000n);
  return Math.abs(milliseconds) > 8.64e15 || milliseconds <= 0 ? "" : new Date(milliseconds).toISOString();
}

/** When and where an appointment is, when a task is due, how a contact is reached: by name; nothing for a message. */
export function outlookFields(item: OutlookItem): Record<string, string> {
  const called = item.text(messageClass);
  const fields = byClass.find(([pattern]) => pattern.test(called))?.[1] ?? [];
  return Object.fromEntries(
    fields.flatMap(([name, kind, id]) => {
      const number = kind === "plain" ? id : item.named(id);
      if (number === undefined) return [];
      const value = kind === "named time" ? item.time(number) : item.text(number).replace(/\s+/g, " ").trim();
      return value === "" ? [] : [[name, value]];
    }),
  );
}
