// What Outlook keeps beside messages: appointments, tasks and contacts, and the letters of its older files.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { makeCompoundFile, msgTexts } from "../../../test/support/parser/make-msg.ts";
import { makeTnef, windowsTime } from "../../../test/support/parser/make-tnef.ts";
import { assertSections, documentsOf, faultsOf, parseWith } from "../../../test/support/parser/parse.ts";
import { createParserRegistry } from "./registry.ts";

const registry = createParserRegistry({ format: "auto", maxFileBytes: 8 * 2 ** 20, maxRecordBytes: 2 ** 20 });
after(() => registry.close());

const propertyStream = "__properties_version1.0";
const number = (value: number, length: 2 | 4): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes;
};
/** Properties of fixed length below the header; values of eight bytes. */
const fixed = (header: number, values: readonly (readonly [tag: number, type: number, value: Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.alloc(header),
    ...values.flatMap(([tag, type, value]) => [number(type, 2), number(tag, 2), Buffer.alloc(4), value]),
  ]);
/** The folder that says which number each property with a name of its own has, from 0x8000. */
const named = (longIds: readonly number[]) => ({
  "__nameid_version1.0": {
    "__substg1.0_00030102": Buffer.concat(
      longIds.flatMap((id, index) => [number(id, 4), number(6, 2), number(index, 2)]),
    ),
  },
});
const start = new Date("2026-12-01T08:00:00Z");
const end = new Date("2026-12-01T09:30:00Z");
const read = (name: string, content: Uint8Array) => parseWith(registry, name, content);

test("an appointment says when, where and how often, above its text and as metadata", async () => {
  const inner = makeInner("");
  const parsed = await read(
    "a.msg",
    makeCompoundFile({
      ...named([0x820d, 0x820e, 0x8208, 0x8232]),
      [propertyStream]: fixed(32, [
        [0x8000, 0x40, windowsTime(start)],
        [0x8001, 0x40, windowsTime(end)],
      ]),
      ...msgTexts({
        ...{ "001A": "IPM.Appointment", "0037": "Feeding", "1000": "Bring clover." },
        ...{ "8002": "North meadow", "8003": "every Tuesday" },
      }),
      // A date of the series that was cancelled, and one that was moved.
      "__attach_version1.0_#00000000": { "__substg1.0_3701000D": inner },
      "__attach_version1.0_#00000001": { "__substg1.0_3701000D": makeInner("Feeding, moved") },
    }),
  );
  const [document, moved] = documentsOf(parsed);
  assert.deepEqual(faultsOf(parsed), []);
  assert.equal(
    document?.text,
    "start: 2026-12-01T08:00:00.000Z\nend: 2026-12-01T09:30:00.000Z\nlocation: North meadow\nrecurrence: every Tuesday\n\nBring clover.",
  );
  assertSections(document);
  assert.deepEqual(
    [document.metadata["start"], document.metadata["location"]],
    ["2026-12-01T08:00:00.000Z", "North meadow"],
  );
  assert.equal(moved?.title, "Feeding, moved");
});

function makeInner(subject: string) {
  return { [propertyStream]: fixed(24, []), ...(subject === "" ? {} : msgTexts({ "0037": subject })) };
}

test("a contact is found by its company and its numbers; a message has no such lines", async () => {
  const contact = (kind: string) =>
    makeCompoundFile({
      ...named([0x8083]),
      [propertyStream]: fixed(32, []),
      ...msgTexts({
        ...{ "001A": kind, "0037": "Ann Lee", "3A16": "Zebra Ltd", "3A08": "+44 20 7946 0000" },
        "8000": "ann@example.org",
      }),
    });
  const [one] = documentsOf(await read("a.msg", contact("IPM.Contact")));
  assert.equal(one?.text, "company: Zebra Ltd\nemail: ann@example.org\nphone: +44 20 7946 0000");
  const [other] = documentsOf(await read("a.msg", contact("IPM.Note")));
  assert.equal(other?.text, "Ann Lee");
});

test("letters of one byte are those of the sender's Windows, whatever the message is sent in", async () => {
  const japanese = makeCompoundFile({
    [propertyStream]: fixed(32, [
      [0x3fde, 3, Buffer.concat([number(50_220, 4), Buffer.alloc(4)])],
      [0x3ff1, 3, Buffer.concat([number(0x411, 4), Buffer.alloc(4)])],
    ]),
    "__substg1.0_0037001E": Buffer.from("8356837d8345837d", "hex"),
    // The page is in the charset of the mail: ISO-2022-JP.
    "__substg1.0_10130102": Buffer.from("\x1b$B%7%^%&%^\x1b(B<br>words"),
  });
  const [document] = documentsOf(await read("a.msg", japanese));
  assert.deepEqual([document?.title, document?.text], ["シマウマ", "シマウマ\nwords"]);
});

test("a winmail.dat by itself has its subject, its sender and what its appointment says", async () => {
  const meeting = { start, place: "North meadow" };
  const tnef = makeTnef({
    subject: "Feeding",
    from: ["Ann Lee", "ann@example.org"],
    meeting,
    html: "<p>Bring clover.",
  });
  const [document] = documentsOf(await read("winmail.dat", tnef));
  assert.equal(document?.title, "Feeding");
  assert.equal(document.text, "start: 2026-12-01T08:00:00.000Z\nlocation: North meadow\n\nBring clover.");
  assertSections(document);
  assert.equal(document.metadata["from"], "Ann Lee <ann@example.org>");
  const inner = makeTnef({ subject: "Inner <1>", html: "<p>inner words" });
  const outer = makeTnef({ subject: "Outer", html: "x", files: [{ name: "Fwd", content: inner, isMessage: true }] });
  const forwarded = documentsOf(await read("winmail.dat", outer)).find(({ id }) => id === "attachments/Fwd.html");
  assert.equal(forwarded?.text, "Inner <1>\n\ninner words");
});
