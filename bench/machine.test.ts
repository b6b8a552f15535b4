import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, limitByInstructionSet, type Machine } from "./machine.ts";

const machine: Machine = {
  cpu: "c",
  cores: 2,
  memoryGiB: 8,
  system: "linux x64",
  node: "24",
  avx2: true,
  avx512Vnni: false,
  avxVnni: false,
};
const limits = { vnni: 3, avx2: 1.8 };
const unknownFlags = { avx2: undefined, avx512Vnni: undefined, avxVnni: undefined };
const limit = (flags: Partial<Machine>) => limitByInstructionSet({ ...machine, ...flags }, limits);

test("a budget's limit is that of the instruction set, and the note says which", () => {
  assert.deepEqual(limit({ avx512Vnni: true }), { limit: 3, note: "limit 3: the processor has AVX-512 VNNI" });
  assert.deepEqual(limit({}), { limit: 1.8, note: "limit 1.8: the processor has AVX2 alone" });
  const client = limit({ avxVnni: true });
  assert.equal(client.limit, 1.8);
  assert.match(client.note, /AVX-VNNI, but not AVX-512 VNNI/);
});

test("nothing is judged where the flags are unknown or the processor has neither", () => {
  const unknown = limit(unknownFlags);
  assert.equal(unknown.limit, undefined);
  assert.match(unknown.note, /does not tell .* neither limit is judged \(3 with AVX-512 VNNI, 1\.8 with AVX2 alone\)/);
  const arm = limit({ avx2: false });
  assert.equal(arm.limit, undefined);
  assert.match(arm.note, /no AVX2/);
});

test("machines of one kind have the same cores and instruction sets, not only the same name", () => {
  const other = { memoryGiB: 64, node: "26", system: "linux x64 7" };
  assert.equal(kindOf({ ...machine, ...other }), kindOf(machine));
  const kinds = [{}, { cores: 4 }, { avx512Vnni: true }, { avxVnni: true }, { avx2: false }, { cpu: "d" }];
  assert.equal(new Set(kinds.map((each) => kindOf({ ...machine, ...each }))).size, kinds.length);
  assert.equal(kindOf({ cpu: "c", cores: 8, ...unknownFlags }), "c, 8 cores, instruction sets unknown");
});
