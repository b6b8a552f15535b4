import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "../support/cli.ts";
import { parseDockerfile, stagesOf } from "../support/dockerfile.ts";

/** Docker's own way to write an argument. */
const base = ["gcr.io/distroless/nodejs24-debian13@$", "{NODE_DIGEST}"].join("");

for (const [image, program] of [
  ["ingest", "ingest-job"],
  ["worker", "ingest-worker"],
] as const) {
  suite(`the image of the ${program}`, () => define(image, program));
}

function define(image: string, program: string): void {
  const file = join(root, `infra/images/${image}.Dockerfile`);
  const instructions = parseDockerfile(readFileSync(file, "utf8"));
  const stages = stagesOf(instructions);
  const last = stages.at(-1) ?? [];
  const all = (name: string, from = instructions) => from.filter((instruction) => instruction.name === name);
  const bundle = `build/${program}/`;

  test("every stage stands on distroless Node 24, by a digest that the build must give", () => {
    assert.equal(stages.length, 2);
    for (const { values } of all("FROM")) assert.equal(values[0], base);
    // Without a default, a build that does not give it has no base image.
    assert.deepEqual(
      all("ARG").map(({ values }) => values),
      [["NODE_DIGEST"]],
    );
    assert.doesNotMatch(
      readFileSync(file, "utf8"),
      /sha256:[0-9a-f]/,
      "a digest in the file would be nobody's to renew",
    );
  });

  test("the bundle is all that goes in, and it comes through the stage that tried it", () => {
    const copies = all("COPY").map(({ flags, values }) => ({ flags, values }));
    assert.deepEqual(copies, [
      { flags: {}, values: [bundle, "/app/"] },
      { flags: { from: "checked" }, values: ["/app/", "/app/"] },
    ]);
    assert.deepEqual(all("ADD"), []);
    assert.deepEqual(readFileSync(`${file}.dockerignore`, "utf8").trim().split("\n"), ["*", `!${bundle.slice(0, -1)}`]);
    const [from] = stages[0] ?? [];
    assert.deepEqual(from?.values.slice(1), ["AS", "checked"]);
  });

  test("what is run is in the bundle", () => {
    const made = [`${program}.mjs`, "onnxruntime_binding.node"];
    for (const { name, values } of instructions.filter(({ name }) => name === "RUN" || name === "ENTRYPOINT")) {
      assert.equal(values[0], "/nodejs/bin/node", `${name}: there is no shell in the image`);
      const named = values.join(" ").match(/\/app\/[\w.-]+/g) ?? [];
      assert.equal(named.length, 1);
      for (const path of named) assert.ok(made.includes(path.slice("/app/".length)), path);
    }
    assert.equal(all("RUN", last).length, 0, "nothing is made in the last stage");
    assert.equal(all("ENTRYPOINT", last).length, 1);
  });

  test("it runs as nobody in particular, writes under /tmp alone, and holds no secret", () => {
    assert.deepEqual(
      all("USER", last).map(({ values }) => values),
      [["65532:65532"]],
    );
    assert.deepEqual(
      all("ENV", last).map(({ values }) => values),
      [["ISTHMUS_DATA_DIR=/tmp/isthmus"], ["MALLOC_ARENA_MAX=2"]],
    );
    assert.deepEqual(
      all("WORKDIR", last).map(({ values }) => values),
      [["/tmp"]],
    );
    assert.deepEqual(all("EXPOSE"), []);
    assert.deepEqual(all("VOLUME"), []);
  });
}
