import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parsePrices } from "../../src/config/prices.ts";
import type { PriceName } from "../../src/core/plan/prices.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/operations/costs.md"), "utf8");
const file = "infra/prices.json";
const list = parsePrices(readFileSync(join(root, file), "utf8"), file);
const hours = 730;

function amount(name: PriceName): number {
  const price = list.prices[name]?.amount;
  assert.ok(typeof price === "number", `${name} is one number`);
  return price;
}

type Quantity = readonly [name: PriceName, quantity: number];

/** How the page comes to each line, for the starter and for production. */
const lines: Readonly<Record<string, readonly [starter: Quantity, production: Quantity]>> = {
  "GKE cluster fee": [
    ["clusterHour", hours],
    ["clusterHour", hours],
  ],
  "nodes, e2-standard-4": [
    ["nodeHour", hours],
    ["nodeHour", 3 * hours],
  ],
  "boot disks, 50 GB": [
    ["balancedDiskGibMonth", 50],
    ["balancedDiskGibMonth", 150],
  ],
  "Weaviate's volumes: 50 GB balanced; 3 x 100 GB SSD": [
    ["balancedDiskGibMonth", 50],
    ["ssdDiskGibMonth", 300],
  ],
  "internal load balancer": [
    ["loadBalancerHour", hours],
    ["loadBalancerHour", hours],
  ],
  "HA VPN, 4 tunnels": [
    ["googleVpnTunnelHour", 4 * hours],
    ["googleVpnTunnelHour", 4 * hours],
  ],
  "Site-to-Site VPN, 2 connections": [
    ["awsVpnConnectionHour", 2 * hours],
    ["awsVpnConnectionHour", 2 * hours],
  ],
  "interface endpoint, 1 in 2 zones": [
    ["interfaceEndpointHour", 2 * hours],
    ["interfaceEndpointHour", 2 * hours],
  ],
};

suite("the page of costs and the price file", () => {
  const rows = [...page.matchAll(/^\| (.+?) \| (?:\*\*)?(\d+)(?:\*\*)? \| (?:\*\*)?(\d+)(?:\*\*)? \|$/gm)].map(
    ([, label = "", starter, production]) => ({ label, starter: Number(starter), production: Number(production) }),
  );

  for (const [label, [starter, production]] of Object.entries(lines)) {
    test(`agree on: ${label}`, () => {
      const row = rows.find((each) => each.label.startsWith(label));
      assert.ok(row, "the page has such a line");
      assert.equal(row.starter, Math.round(starter[1] * amount(starter[0])));
      assert.equal(row.production, Math.round(production[1] * amount(production[0])));
      for (const [, said = ""] of row.label.matchAll(/\((?:about )?(\d\.\d+) (?:an hour|a GB)/g)) {
        const digits = said.length - said.indexOf(".") - 1;
        assert.equal(said, amount(production[0]).toFixed(digits));
      }
    });
  }

  test("the sums are those of the lines above them", () => {
    const at = rows.findIndex(({ label }) => label.includes("together"));
    const sum = (of: (row: (typeof rows)[number]) => number) =>
      rows.slice(0, at).reduce((total, row) => total + of(row), 0);
    const together = rows[at];
    assert.ok(together);
    assert.ok(at > Object.keys(lines).length);
    assert.deepEqual(
      [together.starter, together.production],
      [sum((row) => row.starter), sum((row) => row.production)],
    );
  });

  test("the text says the file's date and its other prices", () => {
    const { spotNodeHour, crossCloudGb } = list.prices;
    const spans = [spotNodeHour, crossCloudGb].map((price) => {
      assert.ok(typeof price?.amount === "object");
      return price.amount.map((each) => each.toFixed(2)).join(" to ");
    });
    const text = page.replaceAll(/\s+/g, " ");
    for (const said of [
      `as of ${list.asOf}`,
      `n2-standard-4) costs nothing while idle and about ${spans[0]} an hour for each`,
      `${spans[1]} a GB between the clouds`,
      `Lambda (${amount("lambdaRequests").toFixed(2)} a million requests, and ${amount("lambdaGbSecondX86").toFixed(10)} a GB-second`,
      `API Gateway (${amount("restApiRequests").toFixed(2)} a million requests)`,
      `the listing (${amount("bucketClassA")} a thousand requests`,
      `the reads (${amount("bucketClassB")} a thousand)`,
    ]) {
      assert.ok(text.includes(said), said);
    }
  });
});
