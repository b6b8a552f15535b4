import { IsthmusError } from "../../core/errors.ts";
import type { Metadata, Parsed, ParsedDocument } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { htmlContent } from "./html-content.ts";
import { type Message, sortAttachments } from "./mail-attachments.ts";
import { withoutPgp } from "./pgp-armour.ts";
import { lostFault } from "./record-faults.ts";
import type { EmbeddedPart, SandboxJob } from "./sandbox-protocol.ts";
import { sectionsOf } from "./sections.ts";
import { numberedName, uniqueIds } from "./unique-ids.ts";
import { unpackWinmail } from "./winmail.ts";

export type MessageItem = Parsed | EmbeddedPart;

const words = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

/**
 * The body that says most: the plain text, which the sender's program made for reading, unless it is a stub beside the
 * HTML ("This message needs an HTML viewer").
 */
function bestBody(message: Message): Pick<ParsedDocument, "text" | "sections"> {
  const plain = cleanText(message.text).trim();
  if (message.html !== "") {
    const { text, sections } = htmlContent(message.html, true);
    if (words(plain) < words(text) / 2) return { text, sections };
  }
  return { text: plain, sections: sectionsOf(plain, []) };
}

/** The fields of an appointment, a task or a contact stand above its text, a line each. */
function below(fields: Readonly<Record<string, string>>, body: ReturnType<typeof bestBody>): typeof body {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${cleanText(value).trim()}`);
  if (lines.length === 0) return body;
  const head = lines.join("\n");
  const text = body.text === "" ? head : `${head}\n\n${body.text}`;
  const by = text.length - body.text.length;
  const moved = body.sections.map(({ heading, start, end }) => ({ heading, start: start + by, end: end + by }));
  return { text, sections: [{ heading: "", start: 0, end: head.length }, ...moved] };
}

/**
 * The items of a message: the message itself, faults, then the files in it.
 *
 * @throws `content_empty` for a message that holds nothing.
 */
export function messageItems(given: Message, job: Pick<SandboxJob, "name" | "fallbackTitle">): MessageItem[] {
  const { message: unpacked, faults: unpacking } = unpackWinmail(given, job.name);
  const { text, isEncrypted } = withoutPgp(unpacked.text.replaceAll("\r\n", "\n"));
  const message = { ...unpacked, text };
  if (isEncrypted)
    unpacking.push(
      lostFault(
        "text",
        "Text is encrypted (PGP): it was not read. Save the message from the mail program that can open it.",
      ),
    );
  const { subject } = message;
  const fields = message.fields ?? {};
  const body = below(fields, bestBody(message));
  const idOf = uniqueIds(numberedName);
  const { kept, faults } = sortAttachments(message);
  const parts = kept.map(
    ({ name, contentType, bytes }): EmbeddedPart => ({
      kind: "part",
      id: `attachments/${idOf(name)}`,
      contentType,
      bytes,
    }),
  );
  const items: MessageItem[] = [];
  const titled = cleanLine(subject);
  if (body.sections.length > 0 || titled !== "") {
    const names = parts.map((part) => part.id.slice("attachments/".length));
    const oneLine = (value: string): string => cleanText(value).replace(/\s+/g, " ").trim();
    const metadata: Metadata = Object.fromEntries(
      Object.entries({ subject: titled, ...message.headers, ...fields, attachments: names })
        .map(([key, value]): [string, string | string[]] => [
          key,
          typeof value === "string" ? oneLine(value) : value.map(oneLine).filter((part) => part !== ""),
        ])
        .filter(([, value]) => value.length > 0),
    );
    // A message that is a subject alone is still worth finding.
    const content = body.sections.length > 0 ? body : { text: titled, sections: sectionsOf(titled, []) };
    items.push({ kind: "document", title: titled || job.fallbackTitle, ...content, metadata });
  }
  items.push(...unpacking, ...faults, ...parts);
  if (items.length === 0)
    throw new IsthmusError("content_empty", `${job.name} is a message without subject, text and attachments.`);
  return items;
}
