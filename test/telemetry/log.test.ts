// Also what libraries warn of, and a crash, are entries of the log: of its form, and without the words of what was thrown.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/cli.ts";
import { createJobDesk, type LogEntry } from "../support/job.ts";

const canary = "zebra-in-the-pantry";

/** Warns, and throws where nobody catches, once the program has said its first word. */
const meddling = `
  const write = process.stdout.write.bind(process.stdout);
  let begun = false;
  process.stdout.write = (...given) => {
    if (!begun) {
      begun = true;
      setImmediate(() => {
        process.emitWarning("${canary}", { type: "LibraryWarning", code: "LIB0001" });
        setImmediate(() => {
          PROBLEM;
        });
      });
    }
    return write(...given);
  };
`;

describe("the log of a program in the cluster", () => {
  for (const [program, environment] of [
    ["ingest-job", {}],
    ["ingest-worker", { ISTHMUS_SUBSCRIPTION: "projects/p/subscriptions/s", PUBSUB_EMULATOR_HOST: "127.0.0.1:9" }],
  ] as const) {
    for (const [name, problem] of [
      ["an error", `throw new RangeError("${canary}")`],
      ["a promise", `void Promise.reject(new RangeError("${canary}"))`],
    ] as const) {
      it(`of ${program} has a warning and ${name} that nobody caught as entries`, async (context) => {
        const desk = createJobDesk(
          {
            GCS_BUCKET_NAME: "b",
            STORAGE_EMULATOR_HOST: "http://127.0.0.1:9",
            HOST: "127.0.0.1",
            PORT: "0",
            ...environment,
          },
          join(root, `src/entry/${program}.ts`),
        );
        context.after(() => desk.clear());
        const meddler = join(desk.folder, "meddler.mjs");
        writeFileSync(meddler, meddling.replace("PROBLEM", problem));
        const { code, entries, text } = await desk.run({ NODE_OPTIONS: `--import=${meddler}` });
        assert.equal(code, 1, text);
        const of = (severity: string, words: RegExp): LogEntry | undefined =>
          entries.find((entry) => entry.severity === severity && words.test(entry.message));
        assert.equal(of("WARNING", /LibraryWarning/)?.["code"], "LIB0001", text);
        const crash = of("ERROR", /\(RangeError\)/);
        assert.equal(crash?.["code"], "internal", text);
        assert.match(String(crash?.["stack"]), /^ {4}at .*meddler\.mjs/);
        assert.ok(!text.includes("pantry"), text);
      });
    }
  }
});
