import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventsExtension, mostListeners } from "../http/live/events.ts";
import { activitySchema } from "../http/live/feed-schema.ts";
import { createActivity } from "./activity.ts";
import { readProblem, serveFake } from "./server-testing.ts";

const through = { kind: "document", chunks: 1, bytes: 10 } as const;

async function serveEvents() {
  const activity = createActivity();
  const ending = new AbortController();
  const server = await serveFake({}, { extensions: [eventsExtension(activity.feed, ending.signal)] });
  return {
    activity,
    ending,
    server,
    follow: () => follow(`${server.url}/events`),
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 0 });
    },
  };
}

/** States as they come. */
async function* follow(url: string) {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + Buffer.from(bytes).toString("utf8")).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^event: state\ndata: (.*)$/.exec(block)?.[1];
      if (data !== undefined) yield activitySchema.strict().parse(JSON.parse(data));
    }
  }
}

/** The first state that is so; a stream that ends before fails. */
async function until<State>(states: AsyncGenerator<State>, is: (state: State) => boolean): Promise<State> {
  for (;;) {
    const { done, value } = await states.next();
    assert.ok(done !== true, "the stream ended before");
    if (is(value)) return value;
  }
}

describe("GET /events", () => {
  it("tells at once what runs, then every change, and what became of documents", async () => {
    await using events = await serveEvents();
    const { activity } = events;
    const scan = activity.beginScan();
    scan.place();
    scan.onEvent({ kind: "listed", objects: 3, bytes: 30 });
    const states = events.follow();
    const first = await until(states, () => true);
    const task = { id: 1, kind: "scan", listing: false, done: 0, total: 3, failed: 0, documents_per_second: 0 };
    assert.deepEqual(first, { tasks: [task], recent: [], changes: 0 });
    scan.onEvent({ ...through, uri: "file:///a", outcome: "added" });
    scan.onEvent({ ...through, uri: "file:///b", outcome: "unchanged" });
    const later = await until(states, ({ tasks }) => tasks[0]?.done === 2);
    assert.deepEqual([later.changes, later.recent.map(({ uri }) => uri)], [1, ["file:///a"]]);
    scan.end();
    const lot = activity.begin("watch", 2);
    lot.onEvent({ ...through, uri: "file:///c", outcome: "removed" });
    const watched = await until(states, ({ tasks }) => tasks[0]?.kind === "watch" && tasks[0].done === 0);
    assert.equal(watched.tasks.length, 1);
    lot.end();
    await until(states, ({ tasks, changes }) => tasks.length === 0 && changes === 2);
    await states.return(undefined);
  });

  it("keeps the newest documents alone, whatever a slow reader misses", async () => {
    await using events = await serveEvents();
    const states = events.follow();
    await until(states, () => true);
    const work = events.activity.begin("request", 1000);
    for (let at = 0; at < 1000; at++) work.onEvent({ ...through, uri: `file:///${at}`, outcome: "changed" });
    const { recent, tasks } = await until(states, ({ changes }) => changes === 1000);
    assert.deepEqual([recent.length, recent[0]?.uri, tasks[0]?.done], [20, "file:///999", 1000]);
    await states.return(undefined);
  });

  it("says that it is still there where nothing happens, so that nobody on the way takes it for dead", async (context) => {
    await using events = await serveEvents();
    // Of the stream alone: what it sends after a change goes by other timers.
    context.mock.timers.enable({ apis: ["setInterval"] });
    const response = await fetch(`${events.server.url}/events`);
    const reader = (response.body ?? assert.fail("no stream")).getReader();
    let received = "";
    const read = async (until: string) => {
      while (!received.includes(until)) received += Buffer.from((await reader.read()).value ?? []).toString("utf8");
    };
    await read("\n\n");
    for (const beats of [1, 2]) {
      context.mock.timers.tick(15_000);
      await read(": still here\n\n".repeat(beats));
    }
    assert.doesNotMatch(received.replace(/^event: state\ndata: .*\n\n/, ""), /event:/);
    await reader.cancel();
  });

  it("tells of other processes as long as they run, counts what they changed, and keeps them apart", async () => {
    await using events = await serveEvents();
    const states = events.follow();
    await until(states, () => true);
    const run = (done: number) => ({ listing: false, done, total: 9, failed: 0, documentsPerSecond: 2, leftMs: 1000 });
    const { activity } = events;
    activity.elsewhere([
      { process: 1, figures: run(1) },
      { process: 2, figures: run(5) },
    ]);
    const first = await until(states, ({ tasks }) => tasks.length === 2);
    assert.deepEqual(
      first.tasks.map(({ kind, done, left_ms: left }) => [kind, done, left]),
      [
        ["elsewhere", 1, 1000],
        ["elsewhere", 5, 1000],
      ],
    );
    activity.elsewhere([{ process: 1, figures: run(4) }]);
    const second = await until(states, ({ tasks }) => tasks.length === 1 && tasks[0]?.done === 4);
    assert.equal(second.tasks[0]?.id, first.tasks[0]?.id);
    assert.equal(second.changes, 4, "three documents, and the end of the other");
    activity.elsewhere([]);
    await until(states, ({ tasks, changes }) => tasks.length === 0 && changes === 5);
    await states.return(undefined);
  });

  it("ends with the server, for those who follow and for those who come", async () => {
    await using events = await serveEvents();
    const states = events.follow();
    await until(states, () => true);
    events.ending.abort();
    while ((await states.next()).done !== true);
    const late = await fetch(`${events.server.url}/events`);
    assert.deepEqual([late.status, (await readProblem(late)).code], [503, "store_unavailable"]);
    await events.server.close({ graceMs: 60_000 });
  });

  it("takes so many and no more, and another when one leaves; a question for its headers takes no place", async () => {
    await using events = await serveEvents();
    const url = `${events.server.url}/events`;
    for (let at = 0; at <= mostListeners; at++) assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
    const followers = Array.from({ length: mostListeners }, () => events.follow());
    for (const states of followers) await until(states, () => true);
    const refused = await fetch(url);
    assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, "too_many_requests"]);
    await followers.pop()?.return(undefined);
    for (;;) {
      const next = await fetch(url);
      await next.body?.cancel();
      if (next.status === 200) break;
    }
    for (const states of followers) await states.return(undefined);
  });
});
