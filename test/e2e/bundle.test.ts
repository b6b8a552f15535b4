import assert from "node:assert/strict";
import { closeSync, cpSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Architecture, architectures } from "../../scripts/bundle/architecture.ts";
import { type BundledFile, bytesOf, contentsOf } from "../../scripts/bundle/contents.ts";
import type { Bundled } from "../../scripts/bundle/esbuild.ts";
import { bundleIngestJob, bundleIngestWorker } from "../../scripts/bundle/ingestion.ts";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { startWeaviate, weaviateBinary } from "../peers/weaviate.ts";
import { createDesk } from "../support/cli.ts";
import { createJobDesk } from "../support/job.ts";
import { makeDocx } from "../support/parser/make-docx.ts";
import { makePdf } from "../support/parser/make-pdf.ts";

const budgetBytes = 150e6;
/** `e_machine` of ELF files: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machines: Readonly<Record<number, Architecture>> = { 62: "x64", 183: "arm64" };
const own = ["x64", "arm64"].includes(process.arch) && process.platform === "linux";

/** What may be in the Job: whoever adds a package sees here what it drags in. */
const packages = [
  "@bufbuild/protobuf @connectrpc/connect @connectrpc/connect-node", // Weaviate
  "google-auth-library gaxios gcp-metadata google-logging-utils jws jwa ecdsa-sig-formatter base64-js extend json-bigint",
  "bignumber.js buffer-equal-constant-time agent-base https-proxy-agent debug ms safe-buffer", // Google's credentials
  "node-fetch data-uri-to-buffer fetch-blob formdata-polyfill node-domexception web-streams-polyfill",
  "@huggingface/tokenizers onnxruntime-node onnxruntime-common sqlite-vec stemmer @orama/stemmers @orama/stopwords tinyld",
  "htmlparser2 domelementtype domhandler domutils dom-serializer entities pdfjs-dist yaml yauzl pend",
  "dingbat-to-unicode numfmt postal-mime", // DOCX, sheets, mail
  "@exodus/bytes encoding-sniffer jschardet", // character sets
]
  .join(" ")
  .split(" ");

const files = [
  /^ingest-job\.mjs$/,
  /^(onnx|sandbox|writer)-worker\.js$/,
  /^chunk-[A-Z0-9]+\.js$/,
  /^package\.json$/,
  /^THIRD-PARTY-LICENCES\.txt$/,
  /^(libonnxruntime\.so\.1|onnxruntime_binding\.node)$/,
  /^pdfjs\/(cmaps|standard_fonts)\/[\w-]+(\.(bcmap|pfb|ttf))?$/,
  /^models\/all-MiniLM-L6-v2\/[\w.]+$/,
  /^node_modules\/sqlite-vec-linux-(x64|arm64)\/(vec0\.so|package\.json|README\.md)$/,
];

/** The architecture of a binary; undefined for a file that is none. */
function architectureOf(path: string): Architecture | "another" | undefined {
  const head = Buffer.alloc(20);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) return machines[head.readUInt16LE(18)] ?? "another";
  // Windows (MZ) and macOS (Mach-O, thin and fat).
  const foreign = head.readUInt16BE(0) === 0x4d5a || [0xcffaedfe, 0xfeedfacf, 0xcafebabe].includes(magic);
  return foreign ? "another" : undefined;
}

describe("the bundle of the ingestion Job", { skip: own ? false : "the bundles are for Linux" }, () => {
  let scratch = "";
  const made = new Map<Architecture, { folder: string; bundled: Bundled; contents: BundledFile[] }>();
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "isthmus-bundle-"));
    for (const architecture of architectures) {
      const folder = join(scratch, architecture);
      const bundled = await bundleIngestJob(architecture, folder);
      made.set(architecture, { folder, bundled, contents: await contentsOf(folder) });
    }
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function bundleFor(architecture: string) {
    const bundle = made.get(architecture as Architecture);
    assert.ok(bundle);
    return bundle;
  }

  for (const architecture of architectures) {
    test(`${architecture}: holds what it needs and nothing else, within its budget`, (context) => {
      const { folder, contents, bundled } = bundleFor(architecture);
      const strange = contents.filter(({ path }) => !files.some((file) => file.test(path)));
      assert.deepEqual(strange, []);
      const bytes = bytesOf(contents);
      context.diagnostic(`${(bytes / 1e6).toFixed(1)} MB in ${contents.length} files`);
      assert.ok(bytes <= budgetBytes, `${bytes} bytes`);
      const names = bundled.packages.map((place) =>
        place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length),
      );
      assert.deepEqual([...new Set(names)].sort(), packages.toSorted());
      const binaries = contents.filter(({ path }) => architectureOf(join(folder, path)) !== undefined);
      assert.ok(binaries.length >= 2);
      for (const { path } of binaries) assert.equal(architectureOf(join(folder, path)), architecture, path);
    });

    test(`${architecture}: the worker's bundle holds the same packages and the same files beside its program`, async () => {
      const folder = join(scratch, `worker-${architecture}`);
      const { packages: within } = await bundleIngestWorker(architecture, folder);
      assert.deepEqual(within, bundleFor(architecture).bundled.packages);
      const strange = (await contentsOf(folder)).filter(
        ({ path }) => path !== "ingest-worker.mjs" && !files.some((file) => file.test(path)),
      );
      assert.deepEqual(strange, []);
    });
  }

  const job = (folder: string) => {
    // Out of the checkout, where nothing that is not in it can be found.
    const image = mkdtempSync(join(tmpdir(), "isthmus-image-"));
    cpSync(folder, image, { recursive: true });
    return image;
  };

  describe("runs from an empty folder", async () => {
    const gcsBinary = await fakeGcsBinary();
    const weaviate = await weaviateBinary();
    let gcs: FakeGcs | undefined;
    let image = "";
    before(async () => {
      if (gcsBinary.skip !== false) return;
      image = job(bundleFor(process.arch).folder);
      gcs = await startFakeGcs();
      await gcs.createBucket("docs");
      await gcs.upload("docs", "a.txt", "alpha of a text");
      await gcs.upload("docs", "b.html", "<h1>Beta</h1><p>alpha of a page");
      await gcs.upload("docs", "c.pdf", makePdf([["alpha of a portable document"]]));
      await gcs.upload("docs", "d.docx", await makeDocx([{ text: "alpha of a word document" }]));
      await gcs.upload("docs", "e.csv", "id,text\n1,alpha of a table\n");
    });
    after(async () => {
      await gcs?.stop();
      rmSync(image, { recursive: true, force: true });
    });

    async function runTwice(environment: Readonly<Record<string, string>>): Promise<string[]> {
      const common = { STORAGE_EMULATOR_HOST: gcs?.url ?? "", GCS_BUCKET_NAME: "docs", ...environment };
      const desk = createJobDesk(common, join(image, "ingest-job.mjs"));
      try {
        const first = await desk.run();
        assert.deepEqual([first.code, first.last["added"], first.last["failed"]], [0, 5, 0], first.text);
        const second = await desk.run();
        assert.deepEqual([second.code, second.last["unchanged"]], [0, 5], second.text);
        const asking = createDesk({
          ISTHMUS_STORE: "sqlite",
          ISTHMUS_DATA_DIR: join(desk.folder, "data"),
          ...environment,
        });
        const answer = await asking.run("query", "alpha", "--k", "10", "--json").finally(() => asking.clear());
        assert.equal(answer.code, 0, answer.stderr);
        return answer
          .json<{ results: { source: { uri: string } }[] }>()
          .results.map(({ source }) => source.uri)
          .sort();
      } finally {
        await desk.clear();
      }
    }
    test("writes nothing beside itself: the image's root is read-only", { skip: gcsBinary.skip }, async () => {
      await runTwice({});
      assert.deepEqual(await contentsOf(image), bundleFor(process.arch).contents);
    });

    const all = ["a.txt", "b.html", "c.pdf", "d.docx", "e.csv#1"].map((name) => `gs://docs/${name}`);

    test("into an index in a file", { skip: gcsBinary.skip }, async () => {
      assert.deepEqual(await runTwice({}), all);
    });

    test("into Weaviate", { skip: gcsBinary.skip || weaviate.skip }, async () => {
      const server = await startWeaviate();
      try {
        const environment = {
          ISTHMUS_STORE: "weaviate",
          WEAVIATE_URL: server.url,
          WEAVIATE_GRPC_URL: server.grpcUrl,
          WEAVIATE_API_KEY: server.keys.writer,
          ISTHMUS_REPLICATION_FACTOR: "1",
        };
        assert.deepEqual(await runTwice(environment), all);
      } finally {
        await server.stop();
      }
    });
  });
});
