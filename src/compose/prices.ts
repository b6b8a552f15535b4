import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parsePrices } from "../config/prices.ts";
import { IsthmusError } from "../core/errors.ts";
import type { PriceList } from "../core/plan/prices.ts";
import { packageRoot } from "./package.ts";

/** The price list that ships with the project, or another. @throws `config_invalid` */
export async function loadPrices(path: string = join(packageRoot(), "infra", "prices.json")): Promise<PriceList> {
  let json: string;
  try {
    json = await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new IsthmusError("config_invalid", `The price file ${path} cannot be read (${reason}).`, { cause });
  }
  return parsePrices(json, path);
}
