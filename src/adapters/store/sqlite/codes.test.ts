import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { normalise, vectorOf } from "../contract/harness.ts";
import { createCodeIndex } from "./codes.ts";
import { createSchema } from "./schema.ts";
import { signBits } from "./sign-bits.ts";
import { createStatements } from "./statements.ts";

const DIMENSIONS = 40;

test("the codes in memory follow additions and removals, and agree with a fresh reading", () => {
  const database = new DatabaseSync(":memory:");
  createSchema(database);
  const prepare = createStatements(database);
  const kept = createCodeIndex(prepare, DIMENSIONS);
  const add = (from: number, to: number): void => {
    const insert = prepare("INSERT INTO code (id, bits) VALUES (?, ?)");
    for (let id = from; id < to; id++) insert.run(id, signBits(vectorOf(String(id), DIMENSIONS)));
  };
  const agree = (step: string): void => {
    for (const question of ["a", "b", "c"]) {
      const vector = vectorOf(question, DIMENSIONS);
      const fresh = createCodeIndex(prepare, DIMENSIONS).nearest(vector, 50);
      const found = kept.nearest(vector, 50);
      const alive = new Set(
        prepare("SELECT id FROM code")
          .all()
          .map((row) => Number(row["id"])),
      );
      assert.ok(
        found.every((id) => alive.has(id)),
        `${step}: only rows that are there`,
      );
      assert.ok(found.length >= Math.min(45, alive.size), `${step}: ${found.length} candidates`);
      const same = found.filter((id) => fresh.includes(id)).length;
      assert.ok(same === found.length, `${step}: the ${found.length} nearest are among the fresh ${fresh.length}`);
    }
  };
  agree("empty");
  add(1, 300);
  agree("added");
  add(300, 9_000);
  agree("many added");
  database.exec("DELETE FROM code WHERE id % 50 = 0");
  agree("a few removed");
  database.exec("DELETE FROM code WHERE id % 3 > 0");
  agree("most removed");
  database.exec("DELETE FROM code");
  agree("all removed");
  add(1, 100);
  agree("the same ids again");
  database.close();
});

test("codes lie nearer the smaller the angle", () => {
  const vector = vectorOf("v", 384);
  const noise = vectorOf("w", 384);
  const differing = [0, 0.2, 0.5, 1, 3].map((share) => {
    const other = signBits(normalise(vector.map((value, at) => value + share * (noise[at] ?? 0))));
    return signBits(vector).reduce(
      (sum, byte, at) => sum + (byte ^ (other[at] ?? 0)).toString(2).replaceAll("0", "").length,
      0,
    );
  });
  assert.deepEqual(
    differing,
    differing.toSorted((a, b) => a - b),
  );
  assert.equal(differing[0], 0);
});
