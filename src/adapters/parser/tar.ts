import type { Parser } from "../../core/ports.ts";
import type { ParseFault } from "../../core/types.ts";
import { createArchiveParser } from "./archive.ts";
import { entryPlace } from "./entry-names.ts";
import type { ContainerInput, Part, PartsParser } from "./parts.ts";
import { invalidFault } from "./record-faults.ts";
import { quotedName } from "./source-name.ts";

const folder = "5";
const fileTypes = new Set(["0", "7"]);
const refusals: Readonly<Record<string, string>> = {
  "1": "It is a link to another entry: links in archives are not followed.",
  "2": "It is a symbolic link: links in archives are not followed.",
  S: "It is a file with holes, which are not filled in. Pack it without --sparse.",
};

async function* entriesOf(input: ContainerInput): AsyncGenerator<Part | ParseFault> {
  const { tarEntries } = await import("./tar-entries.ts");
  for await (const { name, type, bytes } of tarEntries(input.bytes, quotedName(input.uri))) {
    const place = entryPlace(name);
    if (place.kind === "leftOut" || type === folder) continue;
    if (place.kind === "refused") yield invalidFault(place.path, place.reason);
    else if (fileTypes.has(type)) yield { id: place.path, bytes };
    else
      yield invalidFault(
        place.path,
        refusals[type] ?? "It is a device or of a kind that is not known: it was not read.",
      );
  }
}

/** Tar archives, streamed: they may be of any size within the limits of their content. */
export function createTarParser(parseParts: PartsParser): Parser {
  return createArchiveParser("tar", 1, entriesOf, parseParts);
}
