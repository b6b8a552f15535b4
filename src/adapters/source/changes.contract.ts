import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Change, Changes, Rescan } from "../../core/ports.ts";

/** A place with the means to change what is in it; each test gets its own. */
export interface ChangesHarness {
  readonly changes: Changes;
  /** Something happens to the object of this name; names are of the harness's own choosing. */
  happen(name: string): Promise<void>;
  /** The URI of the object of that name. */
  uri(name: string): string;
  /** Another listener at the same place, where one comes after the other; absent where what is not heard is lost. */
  reopen?(): Promise<Changes>;
  close(): Promise<void>;
}

/** What every `Changes` promises; see core/ports.ts. */
export function changesContract(
  name: string,
  create: () => Promise<ChangesHarness>,
  skip: string | false = false,
): void {
  const promise = (title: string, body: (harness: ChangesHarness) => Promise<void>) =>
    test(title, async () => {
      const harness = await create();
      try {
        await body(harness);
      } finally {
        await harness.close();
      }
    });

  describe(`${name} keeps the promises of changes`, { skip }, () => {
    promise("what happens is told with its place, a time and a count, in any order", async (harness) => {
      const told = listening(harness.changes);
      for (const each of ["a", "b", "c"]) await harness.happen(each);
      await told.until(...["a", "b", "c"].map(harness.uri));
      for (const each of told.changes) {
        assert.equal(new Date(each.at).toISOString(), each.at);
        assert.ok(each.delivery >= 1);
        each.done();
      }
      await told.end();
    });

    promise("what ended by `done` is not told again, and what ended by `again` is", async (harness) => {
      const told = listening(harness.changes);
      await harness.happen("done");
      await harness.happen("again");
      const [done, again] = [harness.uri("done"), harness.uri("again")];
      await told.until(done, again);
      const ends = told.changes.splice(0);
      for (const each of ends) each[each.uri === again ? "again" : "done"]();
      await told.until(again);
      for (const each of told.changes) {
        assert.equal(each.uri, again);
        each.done();
        each.again();
      }
      await told.end();
    });

    promise("no more are told than may be unsettled", async (harness) => {
      const { unsettled } = harness.changes.limits;
      if (unsettled > 100) return;
      const told = listening(harness.changes);
      const names = Array.from({ length: unsettled + 3 }, (_, index) => `${index}`);
      for (const each of names) await harness.happen(each);
      await told.untilCount(unsettled);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(told.changes.length, unsettled);
      const seen = new Set<string>();
      while (seen.size < names.length) {
        await told.untilCount(1);
        for (const each of told.changes.splice(0)) {
          seen.add(each.uri);
          each.done();
        }
      }
      await told.end();
    });

    promise("what is not ended is given back to the next listener", async (harness) => {
      const told = listening(harness.changes);
      await harness.happen("left");
      await harness.happen("done");
      await told.until(harness.uri("left"), harness.uri("done"));
      for (const each of told.changes) if (each.uri === harness.uri("done")) each.done();
      await told.end();
      await harness.changes.close();
      const next = await harness.reopen?.();
      if (next === undefined) return;
      const again = listening(next);
      await again.until(harness.uri("left"));
      assert.ok(again.changes.every(({ uri }) => uri === harness.uri("left")));
      for (const each of again.changes) each.done();
      await again.end();
      await next.close();
    });

    promise("listening ends with its signal, and with the place", async (harness) => {
      await listening(harness.changes).end();
      const told = listening(harness.changes);
      await harness.changes.close();
      await told.ended;
    });
  });
}

/** Takes all that is told. */
function listening(place: Changes) {
  const stop = new AbortController();
  const changes: Change[] = [];
  let came = Promise.withResolvers<void>();
  const hear = async () => {
    for await (const each of place.listen(stop.signal)) {
      if (isChange(each)) changes.push(each);
      else each.done();
      came.resolve();
    }
  };
  const ended = hear();
  const until = async (there: () => boolean) => {
    while (!there()) {
      came = Promise.withResolvers();
      if (!there()) await came.promise;
    }
  };
  return {
    changes,
    ended,
    until: (...uris: string[]) => until(() => uris.every((uri) => changes.some((each) => each.uri === uri))),
    untilCount: (count: number) => until(() => changes.length >= count),
    async end() {
      stop.abort();
      await ended;
    },
  };
}

function isChange(each: Change | Rescan): each is Change {
  return each.kind === "change";
}
