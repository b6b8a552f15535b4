import { readFileSync } from "node:fs";
import { IsthmusError } from "../core/errors.ts";
import { shownAddress } from "../core/redact.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type SettingsReader = ReturnType<typeof createReader>;

/**
 * Reads values out of an environment and collects every fault, so that all are told at once.
 *
 * @param names what a fault calls a variable whose value came from elsewhere: `{ PORT: "--port" }`.
 */
export function createReader(environment: Environment, names: Readonly<Record<string, string>> = {}) {
  const faults: string[] = [];
  const shown = (name: string): string => names[name] ?? name;
  /** An empty value counts as absent: `PORT= isthmus serve`. */
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    faults,
    shown,
    text,
    /** As it stands, spaces and all; an empty value counts as absent. */
    raw: (name: string): string | undefined => environment[name] || undefined,
    /** The settings that were read. @throws `config_invalid` naming every fault at once. */
    checked<Settings>(settings: Settings): Settings {
      if (faults.length === 0) return settings;
      throw new IsthmusError("config_invalid", ["The configuration is wrong:", ...faults].join("\n  - "));
    },
    integer(name: string, fallback: number, from: number, to: number): number {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (number >= from && number <= to) return number;
      faults.push(`${shown(name)} is ${JSON.stringify(value)}; it is a whole number from ${from} to ${to}.`);
      return fallback;
    },
    choice<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
      const value = text(name);
      const known = values.find((candidate) => candidate === value);
      if (value === undefined || known !== undefined) return known ?? fallback;
      faults.push(`${shown(name)} is ${JSON.stringify(value)}; it is one of ${values.join(", ")}.`);
      return fallback;
    },
    flag(name: string): boolean {
      const value = text(name)?.toLowerCase();
      if (value === undefined || ["false", "0", "no"].includes(value)) return false;
      if (["true", "1", "yes"].includes(value)) return true;
      faults.push(`${shown(name)} is ${JSON.stringify(value)}; it is true or false.`);
      return false;
    },
    list(name: string): string[] {
      return (text(name) ?? "")
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    },
    url(name: string, fallback: string | undefined): string | undefined {
      const value = text(name) ?? fallback;
      if (value === undefined || (URL.canParse(value) && /^https?:/.test(value))) return value?.replace(/\/+$/, "");
      faults.push(`${shown(name)} is ${JSON.stringify(shownAddress(value))}; it is an http:// or https:// address.`);
      return fallback;
    },
    /** Addresses stand in messages and logs, and requests take no key from them: one with credentials is a fault. */
    refuseCredentials(name: string, instead: string): void {
      if (!/^(\w+:\/\/)?[^/?#]*@/.test(text(name) ?? "")) return;
      faults.push(`${shown(name)} holds a user name or a password before the @; ${instead} instead.`);
    },
    /** A secret, given by value or as a file of it. The value is never part of a fault. */
    secret(name: string): string | undefined {
      const file = text(`${name}_FILE`);
      if (file === undefined) return text(name);
      if (text(name) !== undefined) faults.push(`${name} and ${name}_FILE are both set; set one of them.`);
      try {
        return readFileSync(file, "utf8").trim();
      } catch (error) {
        faults.push(
          `${name}_FILE names ${file}, which cannot be read: ${error instanceof Error ? error.message : error}`,
        );
        return undefined;
      }
    },
  };
}
