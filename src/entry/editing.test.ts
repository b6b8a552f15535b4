import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { eventually } from "../../test/support/cli.ts";
import { parseSettings } from "../config/parse.ts";
import { type ErrorCode, IsthmusError } from "../core/errors.ts";
import { Refusal } from "../http/live/editing.ts";
import { createActivity } from "./activity.ts";
import { createEditing, type EditingParts } from "./editing.ts";

type Engine = Awaited<ReturnType<EditingParts["open"]>>;

/** Changes to an index that opens as a test says, in a folder of the test's own. */
function editingFor(context: TestContext, open: EditingParts["open"], environment: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "isthmus-editing-"));
  const told: string[] = [];
  const activity = createActivity();
  const settings = parseSettings({ ISTHMUS_DATA_DIR: dataDir, ...environment });
  const tellError = (thrown: unknown) => void told.push(thrown instanceof Error ? thrown.message : String(thrown));
  const editing = createEditing({ settings, activity, open, tellError });
  context.after(async () => {
    await editing.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const idle = () =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (activity.feed.state().tasks.length > 0) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = activity.feed.subscribe(look);
      queueMicrotask(look);
    });
  return { editing, activity, told, dataDir, idle, uri: pathToFileURL(join(dataDir, "a.md")).href };
}

async function* bytes(count: number) {
  yield Buffer.alloc(count);
}

describe("changes to an index that may not be written", () => {
  for (const code of ["store_denied", "config_invalid", "store_mismatch"] as const satisfies ErrorCode[]) {
    it(`are told of once, given up, and taken up when asked for again (${code})`, async (context) => {
      let opened = 0;
      let denied = true;
      const refreshed: string[] = [];
      const engine = {
        refresh: async (_: unknown, [hint]: readonly { uri: string }[]) => void refreshed.push(hint?.uri ?? ""),
        close: async () => {},
      } as unknown as Engine;
      const { editing, activity, told, idle, uri } = editingFor(context, async () => {
        opened++;
        if (denied) throw new IsthmusError(code, "The key at http://10.0.0.1 may not write.");
        return engine;
      });
      await editing.retry(uri);
      await editing.retry(`${uri}2`);
      await idle();
      assert.deepEqual([opened, told.length], [1, 1]);
      const { recent } = activity.feed.state();
      assert.deepEqual(
        recent.map((each) => each.outcome),
        ["failed", "failed"],
      );
      assert.match(
        recent[0]?.reason ?? "",
        code === "store_denied" ? /may read its index and not write it/ : new RegExp(`cannot be written \\(${code}\\)`),
      );
      assert.doesNotMatch(JSON.stringify(recent), /10\.0\.0\.1/, "what only the operator should see");
      denied = false;
      await editing.retry(uri);
      await idle();
      assert.deepEqual(refreshed, [uri]);
      assert.equal(told.length, 1);
    });
  }
});

describe("files that are added", () => {
  it("are refused in words where there is no room for them", async (context) => {
    const { editing, dataDir } = editingFor(context, () => Promise.reject(new IsthmusError("store_denied", "no")), {
      ISTHMUS_MAX_UPLOADS_BYTES: "1000",
    });
    const refused = await editing.add({ name: "a.md", replace: false, bytes: bytes(1001) }).catch((thrown) => thrown);
    assert.ok(refused instanceof Refusal);
    assert.equal(refused.problem.code, "storage_full");
    assert.match(
      refused.problem.sentence,
      /1,000 bytes together \(ISTHMUS_MAX_UPLOADS_BYTES\).*Nothing was kept: delete some/,
    );
    assert.deepEqual(readdirSync(join(dataDir, "uploads")), []);
  });
});

describe("changes to one document that meet", () => {
  /** An engine whose reading of a document ends when the test says so, or when it is aborted. */
  function reader() {
    const log: string[] = [];
    let go = Promise.withResolvers<void>();
    const through = Promise.withResolvers<void>();
    const engine = {
      async refresh(_: unknown, [hint]: readonly { uri: string }[], { signal }: { signal: AbortSignal }) {
        const name = basename(hint?.uri ?? "");
        log.push(`reads ${name}`);
        await Promise.race([go.promise, once(signal, "abort")]);
        // What had been handed to the store when it was aborted is through before the engine returns.
        if (signal.aborted) await through.promise;
        log.push(`${signal.aborted ? "gave up" : "has read"} ${name}`);
      },
      async remove(uri: string) {
        log.push(`removes ${basename(uri)}`);
      },
      async close() {},
    } as unknown as Engine;
    const next = () => {
      go.resolve();
      go = Promise.withResolvers();
    };
    const told = (entry: string) =>
      eventually(
        async () => log.includes(entry),
        (there) => there,
      );
    return { engine, log, next, told, through: through.resolve };
  }

  it("a document that is deleted while it is read is removed after its reading ended, and is not read later", async (context) => {
    const { engine, log, next, told, through } = reader();
    const { editing, idle } = editingFor(context, async () => engine);
    const { uri } = await editing.add({ name: "a.md", replace: false, bytes: bytes(1) });
    const { uri: second } = await editing.add({ name: "b.md", replace: false, bytes: bytes(1) });
    await editing.add({ name: "c.md", replace: false, bytes: bytes(1) });
    await told("reads a.md");
    assert.deepEqual([uri, second, `${uri}x`].map(editing.adding), [true, true, false]);
    await editing.remove(second);
    const removed = editing.remove(uri);
    await setTimeout(50);
    const early = log.includes("removes a.md");
    through();
    await removed;
    assert.ok(!early, "not while the store may still write it");
    assert.deepEqual([uri, second].map(editing.adding), [false, false]);
    await told("reads c.md");
    next();
    await idle();
    const of = (name: string) => log.filter((entry) => entry.endsWith(name));
    assert.deepEqual(of("a.md"), ["reads a.md", "gave up a.md", "removes a.md"]);
    assert.deepEqual(of("b.md"), ["removes b.md"]);
    assert.deepEqual(of("c.md"), ["reads c.md", "has read c.md"]);
  });

  it("a document that is put in its place again while it is read is read again", async (context) => {
    const { engine, log, next, told } = reader();
    const { editing, activity, idle } = editingFor(context, async () => engine);
    await editing.add({ name: "a.md", replace: false, bytes: bytes(1) });
    await told("reads a.md");
    await editing.add({ name: "a.md", replace: true, bytes: bytes(2) });
    assert.equal(activity.feed.state().tasks[0]?.total, 2);
    log.length = 0;
    next();
    await told("reads a.md");
    next();
    await idle();
    assert.deepEqual(log, ["has read a.md", "reads a.md", "has read a.md"]);
  });

  it("a file that a scan had read before it was deleted, and writes after, is looked for once more", async (context) => {
    const { engine, log, next, told } = reader();
    const { editing, idle } = editingFor(context, async () => engine);
    const { uri } = await editing.add({ name: "a.md", replace: false, bytes: bytes(1) });
    await told("reads a.md");
    next();
    await idle();
    const written = { kind: "document", uri, outcome: "changed", chunks: 1, bytes: 1 } as const;
    editing.heard(written);
    await editing.remove(uri);
    assert.deepEqual(log, ["reads a.md", "has read a.md", "removes a.md"]);
    editing.heard({ ...written, outcome: "removed" });
    log.length = 0;
    editing.heard(written);
    await told("reads a.md");
    next();
    await idle();
    assert.deepEqual(log, ["reads a.md", "has read a.md"]);
    log.length = 0;
    await editing.add({ name: "a.md", replace: false, bytes: bytes(1) });
    await told("reads a.md");
    next();
    await idle();
    log.length = 0;
    editing.heard(written);
    await idle();
    assert.deepEqual(log, [], "it came again, and its reading is no news");
  });

  it("a document whose reading ended with the store waits for the next try", async (context) => {
    const refreshed: string[] = [];
    const engine = {
      async refresh(_: unknown, [hint]: readonly { uri: string }[]) {
        refreshed.push(basename(hint?.uri ?? ""));
        if (refreshed.length === 1) throw new IsthmusError("store_unavailable", "away");
      },
      async close() {},
    } as unknown as Engine;
    const { editing, idle } = editingFor(context, async () => engine);
    await editing.add({ name: "a.md", replace: false, bytes: bytes(1) });
    await idle();
    assert.deepEqual(refreshed, ["a.md", "a.md"]);
  });
});
