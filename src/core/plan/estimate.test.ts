import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fc } from "../../../test/support/fast-check.ts";
import { estimateStratum, estimateUnread } from "./estimate.ts";
import type { Reading } from "./read-sample.ts";
import { noCounts, type Unit } from "./unit.ts";

function reading(units: readonly (readonly [bytes: number, chunks: number])[], whole = true, records = 0): Reading {
  const counted = units.map(([bytes, chunks]) => ({ ...noCounts, bytes, chunks, records }));
  return { outcome: "read", whole, many: false, faults: 0, units: counted, texts: [], bytes: 0 };
}

/** Elsewhere, where anything is found. */
const others: readonly Unit[] = [{ ...noCounts, bytes: 100, chunks: 3, records: 1 }];

function estimate(stratum: Parameters<typeof estimateStratum>[0], readings: readonly Reading[]) {
  return estimateStratum(stratum, readings, others);
}

suite("the estimate of a stratum", () => {
  test("is so much for a byte, times the bytes", () => {
    const readings = [reading([[100, 2]]), reading([[300, 6]]), reading([[200, 4]])];
    const { chunks } = estimate({ documents: 30, bytes: 6000 }, readings);
    assert.equal(chunks.expected, 120);
  });

  test("is exact where everything was read whole, and only there", () => {
    const readings = [reading([[100, 2]]), reading([[300, 7]])];
    const exact = estimate({ documents: 2, bytes: 400 }, readings).chunks;
    assert.deepEqual(exact, { low: 9, expected: 9, high: 9 });
    const begun = estimate({ documents: 2, bytes: 4000 }, [...readings.slice(1), reading([[100, 2]], false)]);
    assert.ok(begun.chunks.high > begun.chunks.low);
  });

  test("has the textbook's range where the documents differ", () => {
    // Ratio 0.02; residuals 2, -2, 2, -2, 0 chunks on 100 bytes: s = 2, half of 1,000 documents' bytes unread.
    const spread = [4, 0, 4, 0, 2].map((chunks) => reading([[100, chunks]]));
    const { chunks } = estimate({ documents: 1000, bytes: 100_000 }, spread);
    const unread = 1 - 500 / 100_000;
    const distance = 2.776 * 1000 * Math.sqrt((unread * 16) / 4 / 5);
    assert.ok(Math.abs(chunks.high - (2000 + distance)) < 1e-6, `${chunks.high}`);
  });

  test("stays doubtful however alike the documents were: 3 in n may differ", () => {
    const alike = Array.from({ length: 60 }, () => reading([[100, 2]]));
    const { low, expected, high } = estimate({ documents: 6000, bytes: 600_000 }, alike).chunks;
    assert.ok(Math.abs(high - expected - expected * 0.99 * 0.05) < 1e-6, `${high}`);
    assert.ok(Math.abs(expected - low - (high - expected)) < 1e-6);
    const one = estimate({ documents: 10, bytes: 1000 }, [reading([[100, 2]])]).chunks;
    assert.deepEqual([one.low, one.expected, one.high], [2, 20, 38]);
  });

  test("takes the parts of one beginning for themselves, and three documents for one each", () => {
    const uneven = reading(
      [
        [100, 0],
        [100, 4],
      ],
      false,
    );
    const parts = estimate({ documents: 1, bytes: 400 }, [uneven]).chunks;
    const documents = estimate({ documents: 12, bytes: 4800 }, [uneven, uneven, uneven]).chunks;
    assert.equal(parts.expected, 8);
    assert.equal(documents.high, documents.expected + documents.expected * (1 - 600 / 4800));
    assert.ok(parts.high > documents.high / 12);
  });

  test("of ordinary documents counts them, however long they are, and never more than there are", () => {
    const sizes = [10, 500, 20, 1000, 30].map((bytes) => reading([[bytes, 1]], true, 1));
    const { records } = estimate({ documents: 100, bytes: 5000 }, sizes);
    assert.deepEqual([records.expected, records.high], [100, 100]);
    assert.ok(records.low >= 5 && records.low < 100);
    const unusable = estimate({ documents: 100, bytes: 5000 }, [...sizes, ...sizes.map(() => reading([[9, 0]]))]);
    assert.equal(unusable.records.expected, 50);
  });

  test("is never below what was seen, nor its range upside down", () => {
    const units = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 50 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 100 }), (read, others) => {
        const readings = read.map((unit) => reading([unit]));
        const bytes = read.reduce((sum, [size]) => sum + size, 0) * others;
        const seen = read.reduce((sum, [, chunks]) => sum + chunks, 0);
        const { low, expected, high } = estimate({ documents: read.length * others, bytes }, readings).chunks;
        assert.ok(low <= expected && expected <= high);
        assert.ok(low >= seen - 1e-6);
      }),
    );
  });

  test("of which nothing was found in what was read: 3 in n of the rest may be as others", () => {
    const failed = Array.from({ length: 5 }, () => reading([[100, 0]]));
    const { chunks, records } = estimate({ documents: 1000, bytes: 100_000 }, failed);
    const unread = 1 - 500 / 100_000;
    assert.deepEqual([chunks.low, chunks.expected, records.expected], [0, 0, 0]);
    assert.ok(Math.abs(chunks.high - 3000 * unread * 0.6) < 1e-6, `${chunks.high}`);
    assert.ok(Math.abs(records.high - 1000 * (1 - 5 / 1000) * 0.6) < 1e-6, `${records.high}`);
    assert.equal(estimate({ documents: 5, bytes: 500 }, failed).chunks.high, 0, "all of them were read");
  });

  test("of what could not be read at all is as the others, and may be all wrong", () => {
    const { chunks } = estimateUnread(1000, others);
    assert.deepEqual(chunks, { low: 0, expected: 30, high: 60 });
  });
});
