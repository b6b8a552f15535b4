import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput } from "../../core/ports.ts";
import type { ParseFault } from "../../core/types.ts";
import { quotedName } from "./source-name.ts";

/** @param place for example `Line 12`. */
export function tooLargeFault(id: string, place: string, maxRecordBytes: number, hint = ""): ParseFault {
  const reason = `${place} is over the limit of ${maxRecordBytes} bytes for one record.${hint} Split it, or raise ISTHMUS_MAX_RECORD_BYTES.`;
  return { kind: "fault", id, code: "record_too_large", reason };
}

export function invalidFault(id: string, reason: string): ParseFault {
  return { kind: "fault", id, code: "record_invalid", reason };
}

/** `content_empty` for a file in which not one record was found. */
export function noRecords(input: ParseInput, why: string): IsthmusError {
  return new IsthmusError("content_empty", `${quotedName(input.uri)} holds no records: ${why}.`);
}

/** @param place the part that was lost, in plain words. */
export function lostFault(place: string, reason: string): ParseFault {
  return { kind: "fault", id: place, code: "content_lost", reason };
}
