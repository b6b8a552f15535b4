import { suite } from "node:test";
import { attemptTests } from "./contract/attempts.ts";
import { auditTests } from "./contract/audit.ts";
import { filterTests } from "./contract/filters.ts";
import { register, type StoreContract } from "./contract/harness.ts";
import { holdTests } from "./contract/holds.ts";
import { interleavingTests } from "./contract/interleavings.ts";
import { manifestTests } from "./contract/manifest.ts";
import { openingTests, registerMissing } from "./contract/opening.ts";
import { readingTests } from "./contract/reading.ts";
import { searchTests } from "./contract/search.ts";

export { CONTRACT_RANGE_KEYS } from "./contract/harness.ts";

/** What every store promises, through the ports alone. A store's own tests add its own failures (a damaged file, …). */
export function storeContract(name: string, contract: StoreContract): void {
  suite(`${name} keeps the store contract`, () => {
    suite("attempts", () => register(contract, attemptTests));
    suite("audit", () => register(contract, auditTests));
    suite("holds", () => register(contract, holdTests));
    suite("interleavings", () => register(contract, interleavingTests));
    suite("manifest", () => register(contract, manifestTests));
    suite("reading", () => register(contract, readingTests));
    suite("search", () => register(contract, searchTests));
    suite("filters", () => register(contract, filterTests));
    suite("opening", () => {
      registerMissing(contract);
      register(contract, openingTests);
    });
  });
}
