import { z } from "zod";
import { IsthmusError } from "../core/errors.ts";
import { type PriceList, type PriceName, priceUnits } from "../core/plan/prices.ts";

const amount = z.number().nonnegative("it is a number from 0");
const fromTo = z.tuple([amount, amount]).refine(([from, to]) => from <= to, "the second is below the first");

const priceIn = (unit: string) =>
  z.strictObject({
    amount: z.union([amount, fromTo], { error: "it is a number from 0, or [from, to]" }),
    unit: z.literal(unit, { error: `it is ${JSON.stringify(unit)}` }),
    what: z.string().min(1),
    source: z.url({ error: "it is the address of the page that tells the price" }),
  });

const modelPrice = z.strictObject({
  input: amount,
  output: amount,
  unit: z.literal("1,000,000 tokens", { error: 'it is "1,000,000 tokens"' }),
  what: z.string().min(1),
  source: z.url({ error: "it is the address of the page that tells the price" }),
});

const names = Object.keys(priceUnits) as PriceName[];
const schema = z.strictObject({
  asOf: z.string().regex(/^\d{4}(-\d{2}){0,2}$/, "it is a year, a month or a day, as 2026-03"),
  currency: z.string().regex(/^[A-Z]{3}$/, "it is a code of three letters, as USD"),
  regions: z.array(z.string().min(1)),
  prices: z.strictObject(Object.fromEntries(names.map((name) => [name, priceIn(priceUnits[name]).optional()]))),
  models: z.record(z.string().regex(/^\w+:\S+$/, "it is <provider>:<model>"), modelPrice).optional(),
});

/**
 * A price list, as JSON. Every price may be missing; what is there has the unit that the project reckons in.
 *
 * @param name the file's, for messages.
 * @throws `config_invalid` naming every fault at once.
 */
export function parsePrices(json: string, name: string): PriceList {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new IsthmusError("config_invalid", `The price file ${name} is not JSON.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as PriceList;
  const faults = parsed.error.issues.map((issue) => {
    const at = issue.path.join(".");
    return at === "" ? issue.message : `${at}: ${issue.message}`;
  });
  throw new IsthmusError(
    "config_invalid",
    [`The price file ${name} is wrong (infra/prices.json of the project shows how it looks):`, ...faults].join(
      "\n  - ",
    ),
  );
}
