import { readdirSync, readFileSync } from "node:fs";
import { createParserRegistry } from "../../../src/adapters/parser/registry.ts";
import type { ParserRegistry } from "../../../src/core/ports.ts";
import type { Parsed } from "../../../src/core/types.ts";
import { parseWith } from "./parse.ts";

const folder = new URL("../../cases/", import.meta.url);
const limits = { maxFileBytes: 32 * 1024 * 1024, maxRecordBytes: 1024 * 1024 };

export const openCaseRegistry = (): ParserRegistry & { close(): Promise<void> } =>
  createParserRegistry({ format: "auto", ...limits });

/** What the one file of a case (besides its README) is parsed into, by its own name. */
export async function parseCase(registry: ParserRegistry, name: string): Promise<Parsed[]> {
  const [file] = readdirSync(new URL(`${name}/`, folder)).filter((entry) => entry !== "README");
  if (file === undefined) throw new Error(`the case ${name} has no file`);
  return parseWith(registry, file, readFileSync(new URL(`${name}/${file}`, folder)));
}
