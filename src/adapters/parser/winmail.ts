import type { ParseFault } from "../../core/types.ts";
import { attachmentName, type Message, type MessageAttachment } from "./mail-attachments.ts";
import { rtfBody } from "./outlook-body.ts";
import { lostFault } from "./record-faults.ts";
import { readTnef } from "./tnef.ts";

const isWinmail = ({ name, contentType }: MessageAttachment): boolean =>
  /^application\/(?:vnd\.)?ms-tnef$/.test(contentType) || /^winmail\.dat$/i.test(name);
const deepestWinmail = 10;
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Attachments in place of the `winmail.dat` that holds them, and the text of a message that is nowhere else. */
export function unpackWinmail(
  message: Message,
  jobName: string,
  depth = 0,
): { message: Message; faults: ParseFault[] } {
  const faults: ParseFault[] = [];
  let { subject, headers, text, html, fields } = message;
  const attachments = message.attachments.flatMap((attachment): MessageAttachment[] => {
    if (!isWinmail(attachment)) return [attachment];
    const found = depth < deepestWinmail ? readTnef(attachment.bytes) : undefined;
    if (found === undefined || found.damaged) {
      const reason = `${attachment.name} (Outlook's own form of attachments, TNEF) is damaged: not all in it could be read. Save the attachments as files, and ingest them too.`;
      faults.push(lostFault(`attachments/${attachment.name}`, reason));
    }
    if (found === undefined) return [];
    subject ||= found.subject;
    headers = { from: found.from, date: found.date, ...headers };
    fields ??= found.fields;
    if (`${text}${html}`.trim() === "") {
      const fromRtf = found.compressedRtf && rtfBody(found.compressedRtf, jobName);
      text = found.text || (fromRtf?.text ?? "");
      html = found.html || (fromRtf?.html ?? "");
    }
    return found.attachments.flatMap(({ name: given, contentType, bytes, isMessage }, index): MessageAttachment[] => {
      const name = attachmentName(given, contentType, index + 1);
      if (!isMessage) return [{ name, contentType, bytes }];
      const envelope = { subject: "", headers: {}, text: "", html: "", isSealed: false };
      const sealed = { name, contentType: "application/ms-tnef", bytes };
      const inner = unpackWinmail({ ...envelope, attachments: [sealed] }, jobName, depth + 1);
      faults.push(...inner.faults);
      const { text: words, html: page } = inner.message;
      const said = [
        inner.message.subject,
        ...Object.entries(inner.message.fields ?? {}).map((pair) => pair.join(": ")),
      ];
      const head = said.filter((line) => line !== "");
      const [body, extension] =
        words === "" && page !== ""
          ? [`${head.map((line) => `<p>${escaped(line)}</p>`).join("")}${page}`, "html"]
          : [[...head, words].join("\n\n"), "txt"];
      const asFile = {
        name: `${name}.${extension}`,
        contentType: extension === "txt" ? "text/plain" : "text/html",
        bytes: new TextEncoder().encode(body),
      };
      return [...(body.trim() === "" ? [] : [asFile]), ...inner.message.attachments];
    });
  });
  const merged = { ...message, subject, headers, text, html, attachments, ...(fields && { fields }) };
  return { message: merged, faults };
}
