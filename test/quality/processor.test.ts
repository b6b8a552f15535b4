import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { classOf, embedHere, furthest, type ProcessorSample, readSample } from "../../eval/processor.ts";

/** As far as the classes that are known lie from each other, 1 less the cosine (eval/README.md). */
const apart = 0.005;

let sample: ProcessorSample;
let here: Awaited<ReturnType<typeof embedHere>>;
before(async () => {
  sample = await readSample();
  here = await embedHere(sample.texts);
});

function known(name: string): readonly Float32Array[] {
  const vectors = sample.classes.get(name);
  assert.ok(vectors !== undefined, `${name} is not in eval/processors.json`);
  return vectors;
}

suite("the committed vectors of processors", () => {
  test("are of the model that ships, with and without VNNI, and of unit length", () => {
    assert.equal(here.revision, sample.revision, "run `npm run eval -- --sample NAME` for each class (eval/README.md)");
    assert.deepEqual([...sample.classes.keys()].sort(), ["avx2", "avx512-vnni"]);
    for (const vector of [...sample.classes.values()].flat()) {
      assert.equal(vector.length, 384);
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    }
  });

  test("differ, and lie close together", () => {
    const far = furthest(known("avx2"), known("avx512-vnni"));
    assert.ok(far > 0, "both classes hold the same vectors");
    assert.ok(far < apart, `${far} apart`);
  });

  test("each is told from the other by every text together", () => {
    for (const [name, vectors] of sample.classes) assert.equal(classOf(vectors, sample), name);
    const [first = new Float32Array(), ...others] = known("avx2");
    const nudged = first.map((value, index) => (index === 7 ? value + 1e-5 : value));
    assert.equal(classOf([nudged, ...others], sample), undefined);
    assert.equal(classOf(others, sample), undefined);
  });
});

suite("this machine", () => {
  for (const name of ["avx2", "avx512-vnni"]) {
    test(`its vectors lie as close to those of ${name} as the classes do to each other`, () => {
      const far = furthest(here.vectors, known(name));
      assert.ok(far < apart, `${far} from ${name}: this processor, or the library, computes something else`);
    });
  }

  test("one vector in the place of another is far away", () => {
    const turned = [...here.vectors.slice(1), ...here.vectors.slice(0, 1)];
    assert.ok(furthest(turned, known("avx2")) > 100 * apart);
  });
});
