import { shownAddress } from "../core/redact.ts";
import type { SettingsReader } from "./read.ts";

/** How buckets of Google Cloud Storage are read. */
export interface GcsSettings {
  /** `STORAGE_EMULATOR_HOST`: an emulator's address, asked without credentials. */
  readonly emulator: string | undefined;
  /** `ISTHMUS_GCS_USER_PROJECT`: the project that pays for reading buckets whose readers pay. */
  readonly userProject: string | undefined;
}

export function parseGcs(read: SettingsReader): GcsSettings {
  return { emulator: parseEmulator(read), userProject: read.text("ISTHMUS_GCS_USER_PROJECT") };
}

/** Google's own tools take `host:port` as well as an address. */
function parseEmulator(read: SettingsReader): string | undefined {
  const value = read.text("STORAGE_EMULATOR_HOST");
  if (value === undefined) return undefined;
  const address = /^https?:\/\//.test(value) ? value : `http://${value}`;
  if (URL.canParse(address)) return address.replace(/\/+$/, "");
  read.faults.push(
    `${read.shown("STORAGE_EMULATOR_HOST")} is ${JSON.stringify(shownAddress(value))}; it is an address such as http://127.0.0.1:4443.`,
  );
  return undefined;
}
