import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertConsistent } from "../../src/adapters/store/sqlite/integrity.testing.ts";
import { openStore } from "../../src/compose/store.ts";
import { parseJobSettings } from "../../src/config/job.ts";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import type { Failpoint } from "../support/failpoint.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { workAsJob } from "../support/job-work.ts";
import { objectsOf } from "../support/weaviate.ts";
import { whatAnswers } from "../support/what-answers.ts";

const child = join(import.meta.dirname, "job-child.ts");
/** More calls of one method than the run makes. */
const mostCalls = 50;

type Environment = Readonly<Record<string, string>>;

const gcsBinary = await fakeGcsBinary();
const weaviate = await weaviateBinary();

describe("the Job killed at every step of its writing", { skip: gcsBinary.skip }, () => {
  let gcs: FakeGcs;
  let buckets = 0;
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());

  /** A document of several batches changes, one comes and one goes. */
  async function fill(bucket: string): Promise<{ change(): Promise<void> }> {
    const long = (word: string) =>
      Array.from({ length: 80 }, (_, at) => `# Part ${at}\n\nalpha ${word} ${at}`).join("\n\n");
    await gcs.createBucket(bucket);
    await gcs.upload(bucket, "long.md", long("old"));
    await gcs.upload(bucket, "same.txt", "alpha same");
    await gcs.upload(bucket, "goes.txt", "alpha goes");
    return {
      async change() {
        await gcs.upload(bucket, "long.md", long("new"));
        await gcs.upload(bucket, "comes.txt", "alpha comes");
        await gcs.remove(bucket, "goes.txt");
      },
    };
  }

  /** Runs the Job's work in a process of its own up to the failpoint; false where the run never came to it. */
  async function killed(environment: Environment, { method, call, moment }: Failpoint): Promise<boolean> {
    const settings = ["--disable-warning=ExperimentalWarning", child, method, String(call), moment];
    const running = spawn(process.execPath, settings, { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    running.stdout.on("data", (text) => {
      said += text;
    });
    const [code, signal] = await once(running, "close");
    if (signal === "SIGKILL") return true;
    assert.deepEqual([code, said], [0, "ended"]);
    return false;
  }

  async function run(environment: Environment): Promise<void> {
    assert.equal((await workAsJob(environment)).failed, 0);
  }

  async function answers(environment: Environment) {
    const { identity } = createHashEmbedder();
    const reader = await openStore(parseJobSettings(environment).settings).openReader(identity);
    try {
      return await whatAnswers(reader);
    } finally {
      await reader.close();
    }
  }

  /**
   * @param place gives an index of its own for each run.
   * @param kept what lies in the index, seen past the store: nothing may be left of a run that was killed.
   */
  async function killEverywhere(
    place: () => Environment,
    kept: (environment: Environment) => Promise<unknown>,
  ): Promise<number> {
    let kills = 0;
    const undisturbed = async () => {
      const bucket = `failpoints-${++buckets}`;
      const environment = { ...place(), GCS_BUCKET_NAME: bucket, STORAGE_EMULATOR_HOST: gcs.url };
      const { change } = await fill(bucket);
      await run(environment);
      const before = await answers(environment);
      await change();
      return { bucket, environment, before };
    };
    const plain = await undisturbed();
    await run(plain.environment);
    const expected = nameless(await answers(plain.environment));
    const expectedKept = await kept(plain.environment);
    for (const method of ["put", "commit", "remove"] as const) {
      for (const moment of ["before", "after"] as const) {
        for (let call = 1; ; call++) {
          assert.ok(call < mostCalls);
          const label = `${moment} ${method} ${call}`;
          const { environment, before } = await undisturbed();
          if (!(await killed(environment, { method, call, moment }))) break;
          kills++;
          const middle = nameless(await answers(environment));
          for (const [name, said] of Object.entries(middle)) {
            const whole = [nameless(before)[name], expected[name]].map((each) => JSON.stringify(each));
            assert.ok(whole.includes(JSON.stringify(said)), `${label}: ${name} answers with half a version`);
          }
          await run(environment);
          assert.deepEqual(nameless(await answers(environment)), expected, label);
          assert.deepEqual(await kept(environment), expectedKept, label);
        }
      }
    }
    return kills;
  }

  test("an index in a file converges", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "isthmus-failpoints-"));
    let indexes = 0;
    try {
      const kills = await killEverywhere(
        () => ({ ISTHMUS_STORE: "sqlite", ISTHMUS_DATA_DIR: join(folder, String(++indexes)) }),
        keptInFile,
      );
      context.diagnostic(`killed at ${kills} steps`);
      assert.ok(kills >= 14, `only ${kills} kills`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("Weaviate converges", { skip: weaviate.skip }, async (context) => {
    let server: Weaviate | undefined;
    try {
      server = await startWeaviate();
      const running = server;
      const kills = await killEverywhere(
        () => ({
          ISTHMUS_STORE: "weaviate",
          WEAVIATE_URL: running.url,
          WEAVIATE_GRPC_URL: running.grpcUrl,
          WEAVIATE_API_KEY: running.keys.admin,
          ISTHMUS_REPLICATION_FACTOR: "1",
          ISTHMUS_COLLECTION: `T${randomBytes(6).toString("hex")}`,
        }),
        (environment) => keptInWeaviate(running, environment),
      );
      context.diagnostic(`killed at ${kills} steps`);
      assert.ok(kills >= 14, `only ${kills} kills`);
    } finally {
      await server?.stop();
    }
  });
});

async function keptInFile(environment: Environment): Promise<unknown> {
  return assertConsistent(join(environment["ISTHMUS_DATA_DIR"] ?? "", "index.sqlite"), createHashEmbedder().identity);
}

async function keptInWeaviate(server: Weaviate, environment: Environment): Promise<unknown> {
  const { chunks, manifest } = await objectsOf(server, environment["ISTHMUS_COLLECTION"] ?? "");
  // What a killed attempt left is nobody's, and is swept by age.
  const committed = new Set(manifest.map(({ properties }) => JSON.parse(String(properties["row"])).attempt));
  const own = chunks.filter(({ properties }) => committed.has(properties["attempt"]));
  return { chunks: own.map(({ properties }) => String(properties["content"])).sort(), rows: manifest.length };
}

/** By object name: buckets and generations differ from run to run. */
function nameless(answers: Awaited<ReturnType<typeof whatAnswers>>): Record<string, unknown> {
  return Object.fromEntries(
    answers.map(({ uri, chunks, contents }) => [uri.slice(uri.lastIndexOf("/") + 1), { chunks, contents }]),
  );
}
