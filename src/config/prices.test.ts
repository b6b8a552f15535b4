import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { priceUnits } from "../core/plan/prices.ts";
import { parsePrices } from "./prices.ts";

const shipped = readFileSync(join(import.meta.dirname, "../../infra/prices.json"), "utf8");

test("the list that ships has every price that the project reckons with, each with its source", () => {
  const { prices } = parsePrices(shipped, "infra/prices.json");
  assert.deepEqual(Object.keys(prices).toSorted(), Object.keys(priceUnits).toSorted());
  for (const price of Object.values(prices))
    assert.match(price.source, /^https:\/\/(cloud\.google|aws\.amazon)\.com\//);
});

test("a list may leave prices out, and says from when it is", () => {
  const list = parsePrices('{"asOf":"2027-01-31","currency":"EUR","regions":[],"prices":{}}', "own.json");
  assert.deepEqual(list, { asOf: "2027-01-31", currency: "EUR", regions: [], prices: {} });
});

test("every fault is told at once, with its place", () => {
  const value = JSON.parse(shipped);
  value.asOf = "soon";
  value.prices.nodeHour.amount = -1;
  value.prices.spotNodeHour.amount = [0.2, 0.1];
  value.prices.bucketClassA.unit = "request";
  value.prices.bucketClassB.source = "somewhere";
  value.prices.nodeHours = value.prices.nodeHour;
  assert.throws(
    () => parsePrices(JSON.stringify(value), "own.json"),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, "config_invalid");
      for (const told of [
        /own\.json is wrong/,
        /asOf: it is a year, a month or a day/,
        /prices\.nodeHour\.amount: it is a number/,
        /prices\.spotNodeHour\.amount/,
        /prices\.bucketClassA\.unit: it is "1,000 requests"/,
        /prices\.bucketClassB\.source: it is the address/,
        /nodeHours/,
      ]) {
        assert.match(error.message, told);
      }
      return true;
    },
  );
  assert.throws(() => parsePrices("{", "own.json"), /own\.json is not JSON/);
});
