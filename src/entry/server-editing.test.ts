import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { NoRoom, openUploads, safeName } from "../compose/uploads.ts";
import type { AppDependencies } from "../http/dependencies.ts";
import { type Editing, editingExtension, Refusal } from "../http/live/editing.ts";
import { documentsResponse } from "../http/schemas/documents.ts";
import { gate, readAs, readProblem, serveFake } from "./server-testing.ts";

const uri = "file:///a.md";
const failure = {
  uri,
  version: "v",
  fingerprint: "f",
  code: "parse_failed",
  reason: "Why.",
  attempts: 1,
  state: "failed",
  at: "2026-01-03T00:00:00Z",
} as const;

/** Real files in a folder of the test's own, and an index that remembers what it was asked. */
async function serveEditing(overrides: Partial<AppDependencies> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "isthmus-uploads-"));
  const uploads = openUploads({ dataDir });
  const asked: string[] = [];
  const adding = new Set<string>();
  const ended = gate();
  const editing: Editing = {
    maxBytes: 100_000,
    async add({ name, bytes, replace }) {
      const kept = await uploads.keep(safeName(name) ?? "x", bytes, { replace }).finally(ended.open);
      if (kept === undefined) throw new Refusal({ code: "document_exists", sentence: "There is one.", field: "name" });
      return { uri: kept };
    },
    async retry(asking) {
      asked.push(`retry ${asking}`);
      return { uri: asking };
    },
    async remove(asking) {
      asked.push(`remove ${asking}`);
      return { uri: asking, file: "kept" };
    },
    adding: (asking) => adding.has(asking),
  };
  const server = await serveFake(
    { entries: [{ uri, failure }] },
    { extensions: [editingExtension(editing)], ...overrides },
  );
  const octets = { "content-type": "application/octet-stream" };
  return {
    ...server,
    asked,
    adding,
    ended: ended.opened,
    files: () => (existsSync(uploads.folder) ? readdirSync(uploads.folder) : []),
    read: (name: string) => readFileSync(join(uploads.folder, name), "utf8"),
    upload: (name: string, body: string, headers: Record<string, string> = {}, more = "") =>
      fetch(`${server.url}/documents?name=${encodeURIComponent(name)}${more}`, {
        method: "POST",
        headers: { ...octets, ...headers },
        body,
      }),
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 0 });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

describe("adding a file", () => {
  it("keeps it whole under a name that is safe, and asks before it takes another's place", async () => {
    await using server = await serveEditing();
    const added = await server.upload("../../a\u202Egnp.md", "first");
    assert.equal(added.status, 202);
    assert.match(JSON.stringify(await added.json()), /uploads\/agnp\.md/);
    assert.deepEqual([server.files(), server.read("agnp.md")], [["agnp.md"], "first"]);
    const again = await server.upload("agnp.md", "second");
    assert.deepEqual([again.status, (await readProblem(again)).code], [409, "document_exists"]);
    assert.equal(server.read("agnp.md"), "first");
    assert.equal((await server.upload("agnp.md", "second", {}, "&replace=true")).status, 202);
    assert.deepEqual([server.files(), server.read("agnp.md")], [["agnp.md"], "second"]);
  });

  it("keeps nothing of one that is too large, whether that is known before or not", async () => {
    await using server = await serveEditing();
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    const url = `${server.url}/documents?name=a.md`;
    const headers = { "content-type": "application/octet-stream" };
    const endless = { method: "POST", headers, body: stream, duplex: "half" } as RequestInit;
    const unknown = await fetch(url, endless).catch(() => undefined);
    // The answer comes while the body is still being sent: whoever does not read it sees the connection end.
    assert.ok(unknown === undefined || unknown.status === 413);
    await server.ended;
    assert.equal((await server.upload("a.md", "x".repeat(100_001))).status, 413);
    assert.deepEqual(server.files(), []);
  });

  it("keeps so many bytes in all and no more, however many files arrive, and takes more when some are gone", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "isthmus-uploads-"));
    try {
      const uploads = openUploads({ dataDir, maxUploadsBytes: 1000 });
      async function* file(bytes: number) {
        for (let sent = 0; sent < bytes; sent += 100) yield Buffer.alloc(Math.min(100, bytes - sent), "x");
      }
      const noRoom = (thrown: unknown) => thrown instanceof NoRoom && thrown.of === "limit";
      const keep = (name: string, bytes: number, replace = false) => uploads.keep(name, file(bytes), { replace });
      const first = (await keep("a.txt", 600)) ?? assert.fail("not kept");
      await assert.rejects(keep("b.txt", 401), noRoom);
      assert.ok(await keep("b.txt", 400));
      await assert.rejects(keep("c.txt", 1), noRoom);
      assert.ok(await keep("a.txt", 550, true), "its own room is its own");
      await assert.rejects(keep("a.txt", 700, true), noRoom);
      assert.equal(readFileSync(join(uploads.folder, "a.txt")).length, 550, "and nothing was lost");
      await uploads.drop(first);
      const together = await Promise.allSettled(["d", "e", "f"].map((name) => keep(`${name}.txt`, 300)));
      assert.equal(together.filter(({ status }) => status === "fulfilled").length <= 2, true);
      const kept = readdirSync(uploads.folder);
      assert.ok(
        kept.every((name) => !name.startsWith(".")),
        kept.join(),
      );
      const bytes = kept.map((name) => readFileSync(join(uploads.folder, name)).length);
      assert.ok(bytes.reduce((sum, each) => sum + each, 0) <= 1000);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it("tells a disk that is full from all else, and leaves nothing on it", {
    skip: process.platform === "win32" ? "no limit of file size there" : false,
  }, () => {
    const dataDir = mkdtempSync(join(tmpdir(), "isthmus-uploads-"));
    try {
      const script = `
        const { openUploads } = await import(${JSON.stringify(new URL("../compose/uploads.ts", import.meta.url).href)});
        async function* bytes() { for (let at = 0; at < 100; at++) yield Buffer.alloc(65_536); }
        const uploads = openUploads({ dataDir: ${JSON.stringify(dataDir)} });
        await uploads.keep("a.bin", bytes(), { replace: false }).catch((error) => console.log(error.constructor.name, error.of));`;
      // 200 blocks of 512 bytes (POSIX) or 1,024 (some shells).
      const limited =
        'ulimit -f 200 && exec "$0" --disable-warning=ExperimentalWarning --input-type=module --eval "$1"';
      const child = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
      assert.equal(child.stdout.trim(), "NoRoom disk", child.stderr);
      assert.deepEqual(readdirSync(join(dataDir, "uploads")), []);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it("keeps nothing of one that breaks off", async () => {
    await using server = await serveEditing();
    const sent = request({
      port: server.port,
      host: "127.0.0.1",
      path: "/documents?name=a.md",
      method: "POST",
      headers: { "content-type": "application/octet-stream", "content-length": 50_000 },
    });
    sent.on("error", () => {});
    await new Promise((resolve) => sent.write("x".repeat(20_000), resolve));
    // On its way: the draft is there, and no document.
    while (server.files().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(server.files().join(), /^\./);
    sent.destroy();
    await server.ended;
    assert.deepEqual(server.files(), []);
  });

  it("makes names that are safe of any, and always the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
        const safe = safeName(name);
        if (safe === undefined) return;
        assert.doesNotMatch(safe, /[/\\:*?"<>|\p{Cc}\p{Cf}]|^[.\s]|[.\s]$/u);
        assert.ok(Buffer.byteLength(safe) <= 200 && safe.isWellFormed());
        assert.equal(safeName(safe), safe);
      }),
      { numRuns: 2000 },
    );
    for (const [name, safe] of [
      ["report.pdf", "report.pdf"],
      ["C:\\Users\\me\\report.pdf", "report.pdf"],
      ["Übersicht 2026.docx", "Übersicht 2026.docx"],
      [".env", "env"],
      ["con.txt", "_con.txt"],
      [`${"ä".repeat(300)}.pdf`, `${"ä".repeat(98)}.pdf`],
      ["..", undefined],
      ["node_modules", undefined],
    ] as const) {
      assert.equal(safeName(name), safe, name);
    }
  });
});

describe("the right to write", () => {
  const everyWay = (server: { url: string }, headers: Record<string, string>) => [
    fetch(`${server.url}/documents?name=a.md`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", ...headers },
      body: "text",
    }),
    fetch(`${server.url}/document/retry?uri=${uri}`, { method: "POST", headers }),
    fetch(`${server.url}/document?uri=${uri}`, { method: "DELETE", headers }),
  ];

  it("comes with a key of its own where keys are asked for, and nobody else has it", async () => {
    await using server = await serveEditing({ apiKeys: ["reads"], writeKeys: ["writes"] });
    for (const [headers, status, code] of [
      [{}, 401, "unauthenticated"],
      [{ "x-api-key": "wrong" }, 401, "unauthenticated"],
      [{ "x-api-key": "reads" }, 403, "forbidden"],
    ] as const) {
      for (const answer of await Promise.all(everyWay(server, headers))) {
        assert.deepEqual([answer.status, (await readProblem(answer)).code], [status, code]);
      }
    }
    assert.deepEqual([server.asked, server.files()], [[], []]);
    for (const answer of await Promise.all(everyWay(server, { authorization: "Bearer writes" }))) {
      assert.ok(answer.ok, String(answer.status));
    }
    assert.deepEqual(server.asked.toSorted(), [`remove ${uri}`, `retry ${uri}`]);
    const mayWrite = async (key: string) =>
      (await readAs(documentsResponse, await fetch(`${server.url}/documents`, { headers: { "x-api-key": key } })))
        .may_write;
    assert.deepEqual([await mayWrite("reads"), await mayWrite("writes")], [undefined, true]);
  });

  it("is no page's of another site, whatever key it has", async () => {
    await using open = await serveEditing();
    await using keyed = await serveEditing({ writeKeys: ["writes"] });
    for (const server of [open, keyed]) {
      for (const foreign of [
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        { origin: "https://evil.example" },
        { origin: "null" },
      ]) {
        for (const answer of await Promise.all(everyWay(server, { "x-api-key": "writes", ...foreign }))) {
          assert.deepEqual([answer.status, (await readProblem(answer)).code], [403, "origin_not_allowed"]);
        }
      }
      assert.deepEqual([server.asked, server.files()], [[], []]);
      const own = { "x-api-key": "writes", "sec-fetch-site": "same-origin", origin: server.url };
      for (const answer of await Promise.all(everyWay(server, own))) assert.ok(answer.ok, String(answer.status));
    }
  });

  it("is not offered where nothing writes", async () => {
    await using server = await serveFake();
    const answers = await Promise.all(everyWay(server, {}));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [405, 404, 405],
    );
    assert.equal((await readAs(documentsResponse, await fetch(`${server.url}/documents`))).may_write, undefined);
  });

  it("reaches documents of the index alone", async () => {
    await using server = await serveEditing();
    for (const [method, path] of [
      ["DELETE", "/document"],
      ["POST", "/document/retry"],
    ] as const) {
      const answer = await fetch(`${server.url}${path}?uri=file:///etc/passwd`, { method });
      assert.deepEqual([answer.status, (await readProblem(answer)).code], [404, "document_not_found"]);
    }
    assert.deepEqual(server.asked, []);
  });

  it("deletes what was added a moment ago and is not in the index yet: it does not come in later", async () => {
    await using server = await serveEditing();
    server.adding.add("file:///b.md");
    const answer = await fetch(`${server.url}/document?uri=file:///b.md`, { method: "DELETE" });
    assert.equal(answer.status, 200);
    assert.deepEqual(server.asked, ["remove file:///b.md"]);
  });
});
