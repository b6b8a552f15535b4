import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { serveFake } from "../../src/entry/server-testing.ts";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, root } from "../support/cli.ts";

const { skip } = browserBinary();

/** What a page of somebody's does with the client, as text: it runs over there. */
const uses = `
  import { createClient, IsthmusApiError } from "./client.js";
  const failureOf = (work) => work.then(() => "none", (error) =>
    error instanceof IsthmusApiError ? [error.code, error.status, error.field] : error.name);
  window.use = async (url, apiKey) => {
    const client = createClient({ url, apiKey });
    const { results } = await client.query({ query: "how long are backups kept?", k: 1 });
    const failure = await failureOf(client.query({ query: "a", k: 51 }));
    const unreachable = await failureOf(createClient({ url: "http://127.0.0.1:1" }).health());
    const aborted = await failureOf(client.health({}, { signal: AbortSignal.abort() }));
    return { title: results[0]?.source.title, failure, unreachable, aborted };
  };
  window.stream = async (url) => {
    const events = [];
    for await (const event of createClient({ url }).answerStream({ question: "how long are backups kept?" })) events.push(event);
    return events;
  };
  window.there = true;
`;

describe("the client in a browser", { skip }, () => {
  let desk: Desk;
  let browser: Browser;
  let url = "";
  let client = "";
  before(async () => {
    const built = await build({
      entryPoints: [join(root, "src/client/index.ts")],
      bundle: true,
      write: false,
      format: "esm",
    });
    client = built.outputFiles[0]?.text ?? "";
    desk = createDesk();
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days. They lie in another region.\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
  });

  const files = (): Record<string, readonly [type: string, body: string]> => ({
    "/page": ["text/html", '<!doctype html><script type="module" src="/uses.js"></script>'],
    "/uses.js": ["text/javascript", uses],
    "/client.js": ["text/javascript", client],
  });

  /** The page, once its script has run. */
  async function opened(origin: string, prepare: (page: Page) => Promise<void> = async () => {}): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    await prepare(page);
    await page.goto(`${origin}/page`);
    await page.waitForFunction("window.there");
    return page;
  }

  const used = { title: "Backups", failure: ["query_invalid", 400, "k"], unreachable: ["unreachable", null, null] };

  test("asks the server that the page is from, and reads an answer as it comes", async () => {
    const page = await opened(url, async (blank) => {
      for (const [path, [contentType, body]] of Object.entries(files())) {
        await blank.route(url + path, (route) => route.fulfill({ contentType, body }));
      }
    });
    const result = await page.evaluate(`window.use(${JSON.stringify(url)}).then(JSON.stringify)`);
    assert.deepEqual(JSON.parse(String(result)), { ...used, aborted: "AbortError" });
    const events = await page.evaluate<{ event: string; data: { text?: string } }[]>(
      `window.stream(${JSON.stringify(url)})`,
    );
    assert.deepEqual([events[0]?.event, events.at(-1)?.event], ["passages", "done"]);
    assert.ok(events.some(({ data }) => data.text?.includes("30 days")));
    await page.close();
  });

  test("asks a server of another origin that lets the page in, with a key", async (context) => {
    const elsewhere = createServer((request, response) => {
      const [type, body] = files()[request.url ?? ""] ?? ["text/plain", ""];
      response.setHeader("content-type", type).end(body);
    });
    context.after(() => {
      elsewhere.close();
      elsewhere.closeAllConnections();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    await using server = await serveFake({}, { apiKeys: ["k"], corsOrigins: [origin] });
    const page = await opened(origin);
    const result = await page.evaluate(`window.use(${JSON.stringify(server.url)}, "k").then(JSON.stringify)`);
    assert.deepEqual(JSON.parse(String(result)), { ...used, title: "Security", aborted: "AbortError" });
    await page.close();
  });
});
