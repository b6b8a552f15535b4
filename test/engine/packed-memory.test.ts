import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";

const mebibyte = 2 ** 20;
const documents = 40;
/** Of the whole process, as docs/performance.md promises it for ingestion. */
const budgetMegabytes = 600;
const child = join(import.meta.dirname, "packed-child.ts");

/** Few words, and white space between them: what is long is the file, and not the embedding of it. */
const blank = `${" ".repeat(998)}\n\n`.repeat(Math.floor((31 * mebibyte) / 1000));
const contents: Readonly<Record<string, (number: number) => string>> = {
  txt: (number) => `alpha ${number}\n${blank}omega`,
  md: (number) => `# Alpha ${number}\n${blank}omega`,
  html: (number) => `<html><body><p>alpha ${number}</p>${blank}<p>omega</p></body></html>`,
};

suite("packed objects that are small to look at", { skip: (await fakeGcsBinary()).skip }, () => {
  for (const [ending, content] of Object.entries(contents)) {
    test(`${documents} .${ending} of 31 MiB, packed to some ten kB each, stay within the budget of memory`, async (context) => {
      const gcs = await startFakeGcs();
      const folder = mkdtempSync(join(tmpdir(), "isthmus-packed-"));
      context.after(async () => {
        await gcs.stop();
        rmSync(folder, { recursive: true, force: true });
      });
      await gcs.createBucket("packed");
      for (let number = 0; number < documents; number++) {
        const packed = gzipSync(content(number));
        assert.ok(packed.length < 200_000);
        const metadata = { contentEncoding: "gzip" };
        await gcs.upload("packed", `${number}.${ending}`, packed, metadata);
      }
      const environment = {
        STORAGE_EMULATOR_HOST: gcs.url,
        GCS_BUCKET_NAME: "packed",
        ISTHMUS_STORE: "sqlite",
        ISTHMUS_DATA_DIR: join(folder, "data"),
        MALLOC_ARENA_MAX: "2",
      };
      const running = spawn(execPath, ["--disable-warning=ExperimentalWarning", child], {
        cwd: folder,
        env: environment,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const { added, failed, peakMegabytes } = JSON.parse(await text(running.stdout));
      assert.deepEqual({ added, failed }, { added: documents, failed: 0 });
      context.diagnostic(`peak ${peakMegabytes} MB`);
      assert.ok(peakMegabytes <= budgetMegabytes, `${peakMegabytes} MB`);
    });
  }
});
