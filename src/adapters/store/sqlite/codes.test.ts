import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { normalise, rejectsWith, vectorOf } from "../contract/harness.ts";
import { createCodeIndex } from "./codes.ts";
import { interrupted } from "./interrupt.ts";
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
      assert.equal(new Set(found).size, found.length, `${step}: each row once`);
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
  for (let round = 0; round < 3; round++) {
    database.exec("DELETE FROM code WHERE id <= 20");
    add(1, 21);
    agree("ids used again, few of them");
  }
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

test("codes of chunks that are gone do not pile up in memory, wherever searches look", () => {
  const database = new DatabaseSync(":memory:");
  createSchema(database);
  const prepare = createStatements(database);
  const whole = "SELECT sequence, bits FROM code WHERE sequence > ? ORDER BY sequence";
  let readFromTheStart = 0;
  const counting: typeof prepare = (sql) => {
    const statement = prepare(sql);
    if (sql !== whole) return statement;
    return Object.assign(Object.create(statement), {
      iterate: (after: number) => {
        if (after === 0) readFromTheStart++;
        return statement.iterate(after);
      },
    });
  };
  const codes = createCodeIndex(counting, DIMENSIONS);
  const question = vectorOf("a", DIMENSIONS);
  const far = signBits(question.map((value) => -value));
  const insert = prepare("INSERT INTO code (id, bits) VALUES (?, ?)");
  for (let id = 1; id <= 1_000; id++) insert.run(id, signBits(vectorOf(String(id), DIMENSIONS)));
  codes.nearest(question, 50);
  assert.equal(readFromTheStart, 1);
  // A document that no search comes near, saved again and again.
  for (let save = 0; save < 1_200; save++) {
    insert.run(2_000, far);
    codes.nearest(question, 50);
    database.exec("DELETE FROM code WHERE id = 2000");
  }
  assert.equal(readFromTheStart, 2);
  database.close();
});

test("a search for codes ends when it is interrupted, and the next one finds what it should", () => {
  const database = new DatabaseSync(":memory:");
  createSchema(database);
  const prepare = createStatements(database);
  const insert = prepare("INSERT INTO code (id, bits) VALUES (?, ?)");
  const rows = 40_000;
  database.exec("BEGIN");
  for (let id = 1; id <= rows; id++) insert.run(id, signBits(vectorOf(String(id % 100), DIMENSIONS)));
  database.exec("COMMIT");
  let looksLeft = Number.POSITIVE_INFINITY;
  const interrupt = {
    throwIfInterrupted() {
      if (--looksLeft < 0) throw interrupted();
    },
  };
  const codes = createCodeIndex(prepare, DIMENSIONS, interrupt);
  // Reading and scanning look three times each.
  for (const looks of [0, 2, 3, 5]) {
    looksLeft = looks;
    assert.throws(() => codes.nearest(vectorOf("a", DIMENSIONS), 50), rejectsWith("cancelled"), `after ${looks} looks`);
  }
  looksLeft = Number.POSITIVE_INFINITY;
  const fresh = createCodeIndex(prepare, DIMENSIONS).nearest(vectorOf("a", DIMENSIONS), 50);
  assert.deepEqual(codes.nearest(vectorOf("a", DIMENSIONS), 50).sort(), fresh.sort());
  database.close();
});
