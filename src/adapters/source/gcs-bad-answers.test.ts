import assert from "node:assert/strict";
import { test } from "node:test";
import { suiteBehindFaults } from "./gcs-faults.testing.ts";
import { bytesRead, hasCode, listed } from "./testing.ts";

await suiteBehindFaults((faultyBucket) => {
  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    test(`${status} is tried again, for listings and for reads`, async (context) => {
      const { source, upload, assertWhole, meet } = await faultyBucket(context);
      const ref = await upload();
      const listings = meet(
        [
          { kind: "status", status },
          { kind: "status", status },
        ],
        (url) => url.includes("prefix="),
      );
      assert.deepEqual(await listed(source), [ref]);
      assert.equal(listings(), 3);
      const reads = meet([
        { kind: "status", status },
        { kind: "status", status },
      ]);
      await assertWhole(ref);
      assert.equal(reads(), 3);
    });
  }

  test("403 for too many requests is tried again, another 403 is not and names the role", async (context) => {
    const { source, upload, meet } = await faultyBucket(context);
    const ref = await upload();
    const body = (reason: string) =>
      JSON.stringify({ error: { code: 403, message: "no", errors: [{ reason, message: "no" }] } });
    const limited = meet([{ kind: "status", status: 403, body: body("rateLimitExceeded") }]);
    await bytesRead(source, ref);
    assert.equal(limited(), 2);
    const denied = meet([{ kind: "status", status: 403, body: body("forbidden") }]);
    await assert.rejects(bytesRead(source, ref), {
      code: "source_unreadable",
      message: /roles\/storage\.objectViewer/,
    });
    assert.equal(denied(), 1);
  });

  test("a bucket whose readers pay names the variable, and the project is sent with every request", async (context) => {
    const { proxy, source, open, upload, meet } = await faultyBucket(context);
    const ref = await upload("text");
    const message = "Bucket is a requester pays bucket but no user project provided.";
    const body = JSON.stringify({ error: { code: 400, message, errors: [{ reason: "required", message }] } });
    meet([{ kind: "status", status: 400, body }]);
    await assert.rejects(bytesRead(source, ref), { code: "source_unreadable", message: /ISTHMUS_GCS_USER_PROJECT/ });
    const before = proxy.requests.length;
    const paying = await open({ userProject: "billed" });
    await bytesRead(paying, ref);
    await listed(paying);
    await paying.head(ref.uri);
    const asked = proxy.requests.slice(before);
    assert.ok(asked.length >= 4);
    assert.deepEqual(
      asked.filter(({ url }) => !url.includes("userProject=billed")),
      [],
    );
    await paying.close();
  });

  test("Retry-After is handed on to whoever waits", async (context) => {
    const { open, upload, meet } = await faultyBucket(context);
    await upload("text");
    const once = await open({ retry: { attempts: 1 } });
    meet([{ kind: "status", status: 429, headers: { "retry-after": "7" } }], () => true);
    await assert.rejects(listed(once), { code: "source_unavailable", retryAfterMs: 7000 });
    await once.close();
  });

  test("a server that never recovers is given up, clearly", async (context) => {
    const { proxy, source, upload, meet } = await faultyBucket(context);
    const ref = await upload();
    const tries = meet(Array.from({ length: 100 }, () => ({ kind: "status", status: 503 }) as const));
    await assert.rejects(bytesRead(source, ref), { code: "source_unavailable", message: /503/ });
    assert.equal(tries(), 5);
    proxy.choose(() => ({ kind: "reset", after: -1 }));
    await assert.rejects(listed(source), { code: "source_unavailable", message: /ECONNRESET/ });
    await assert.rejects(source.head(ref.uri), hasCode("source_unavailable"));
  });

  test("a page of a proxy instead of JSON is no listing", async (context) => {
    const { proxy, source, upload } = await faultyBucket(context);
    await upload();
    proxy.choose(() => ({ kind: "status", status: 200, body: "<html>Welcome</html>" }));
    await assert.rejects(listed(source), { code: "source_unavailable", message: /JSON/ });
  });
});
