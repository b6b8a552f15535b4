import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { corpus, hostile } from "../console/corpus.ts";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk } from "../support/cli.ts";
import { type Deployment, deploymentSkip, gatewayKey, startDeployment } from "../support/lambda/deployment.ts";
import type { Gateway } from "../support/lambda/gateway.ts";
import type { StillIntegration } from "../support/lambda/gateway-still.ts";
import { packageTemplate, preparedOsls, type Template } from "../support/lambda/osls.ts";
import { ownArchitecture, type PackagedFunction, packageAndUnpack } from "../support/lambda/packaged.ts";
import { makeTemplateZips } from "../support/lambda/template-zips.ts";

const osls = preparedOsls();
const skip = (await deploymentSkip()) || browserBinary().skip || osls.skip;
/** Enough documents for a search to tell what is rare among them. */
const documents = { ...corpus, ...hostile };
/** What a busy machine may take: nothing here waits for it where all is well. */
const patience = 240_000;
const patient = { timeoutMs: 300_000, initMs: 300_000 };
const stage = "prod";
const asked = "#/ask?q=how+long+are+backups+kept%3F";

/** The gateway's own answers as the template that is deployed has them. */
function stillOf({ Resources }: Template): Record<string, StillIntegration> {
  const methods = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === "AWS::ApiGateway::Method" && Properties.HttpMethod === "GET" && Properties.Integration.Type === "MOCK",
  );
  return Object.fromEntries(
    methods.map(({ Properties }) => [
      `/${Resources[Properties.ResourceId.Ref]?.Properties.PathPart ?? ""}`,
      Properties.Integration,
    ]),
  );
}

describe("the console in the clouds", { skip }, () => {
  let folder: string;
  let deployment: Deployment;
  let answering: PackagedFunction;
  let gateway: Gateway;
  let desk: Desk;
  /** The same documents by the server that runs on a laptop. */
  let local: string;
  let browser: Browser;
  before(async () => {
    if (osls.skip !== false) return;
    folder = mkdtempSync(join(tmpdir(), "isthmus-cloud-console-"));
    for (const [name, text] of Object.entries(documents)) writeFileSync(join(folder, name), text);
    await makeTemplateZips();
    const { template } = packageTemplate(osls.script);
    deployment = await startDeployment(folder);
    answering = await packageAndUnpack(ownArchitecture, "answer");
    const answer = deployment.deployed(2, { folder: answering.folder, handler: "lambda-answer.handler", ...patient });
    gateway = await deployment.gateway(deployment.deployed(4, patient), {
      answer,
      stage,
      still: stillOf(template),
      ...patient,
    });
    const { weaviate } = deployment;
    desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.reader,
      ISTHMUS_API_KEYS: gatewayKey,
    });
    [local = ""] = await desk.start("serve").seen(/http:\/\/127\.0\.0\.1:\d+/);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
    await deployment?.stop();
    await answering?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** A visit that fails where anything goes wrong in a page, its policy is broken, or anybody but the gateway is asked. */
  async function visit(work: (open: () => Promise<Page>, context: BrowserContext) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
    try {
      const faults: string[] = [];
      const host = new URL(gateway.url).origin;
      context.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${host}/${stage}`) && !url.startsWith("data:")) faults.push(url);
      });
      context.on("response", (response) => {
        if (response.status() === 404) faults.push(`404 ${response.url()}`);
      });
      const open = async () => {
        const page = await context.newPage();
        page.setDefaultTimeout(patience);
        page.on("pageerror", (error) => faults.push(String(error)));
        page.on("console", (message) => {
          if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
            faults.push(message.text());
        });
        return page;
      };
      await work(open, context);
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
    }
  }
  const giveKey = async (page: Page, key: string) => {
    await page.locator(".key input").fill(key);
    await page.keyboard.press("Enter");
  };
  const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();

  for (const slash of ["/", ""]) {
    it(`asks once for the key at ${stage}${slash}, keeps it in the tab alone, and answers with citations that open`, () =>
      visit(async (open, context) => {
        const page = await open();
        await page.goto(`${gateway.url}${slash}${asked}`);
        await page.waitForSelector(".fault:has-text('without an API key')");
        await giveKey(page, "wrong");
        await page.waitForSelector(".fault:has-text('is not valid here')");
        await giveKey(page, gatewayKey);
        await page.waitForSelector(".answer .citation");
        assert.match(await textOf(page, ".answer"), /Backups are kept for 30 days\./);
        await page.locator(".citation").first().click();
        await page.waitForSelector(".pane mark");
        assert.equal((await page.locator(".pane mark").allInnerTexts()).join(""), "Backups are kept for 30 days.");

        await page.reload();
        await page.waitForSelector(".pane mark");
        await page.waitForSelector(".answer .citation");
        assert.equal(await page.locator(".key input").count(), 0, "not asked again after a reload");
        assert.equal(await page.evaluate("localStorage.length"), 0);
        assert.deepEqual(await context.cookies(), []);
        assert.equal(page.url().includes(gatewayKey), false);
        const another = await open();
        await another.goto(page.url());
        await another.waitForSelector(".key input");
      }));
  }

  it("lists the documents, searches, tells its health, and says in words what is done elsewhere", () =>
    visit(async (open) => {
      const page = await open();
      const requests: string[] = [];
      page.on("request", (request) => requests.push(new URL(request.url()).pathname));
      await page.goto(`${gateway.url}/#/documents`);
      await page.waitForSelector(".key input");
      await giveKey(page, gatewayKey);
      await page.waitForSelector(".documents tbody tr");
      assert.equal(await page.locator(".documents tbody tr").count(), Object.keys(documents).length);
      await page.waitForSelector("main p:has-text('come from a bucket')");
      assert.equal(await page.locator("input[type=file]").count(), 0);
      await page.locator(".documents a:has-text('people')").click();
      await page.waitForSelector(".pane .part");
      assert.match(await textOf(page, ".pane"), /Grace Hopper/);
      assert.equal(await page.locator(".pane .changes").count(), 0);
      await page.goto(`${gateway.url}/#/search?q=Grace+Hopper+compilers`);
      await page.waitForSelector(".hits .why");
      await page.goto(`${gateway.url}/#/health`);
      await page.waitForSelector("meter");
      assert.match(await textOf(page, ".good"), /would be answered now/);
      assert.equal(requests.includes(`/${stage}/events`), false);
      assert.equal(requests.includes(`/${stage}/doctor`), false);
    }));

  it("has the files and the headers that the server on a laptop has", async () => {
    for (const path of ["/", "/app.js", "/app.css", "/licences.txt"]) {
      const headers = { accept: "text/html" };
      const [here, there] = await Promise.all([local, gateway.url].map((url) => fetch(`${url}${path}`, { headers })));
      assert.deepEqual([here?.status, there?.status], [200, 200], path);
      const told = [here, there].map((response) => {
        const all = new Map(response?.headers);
        // Of the connection, of this request, and of a path that has data too.
        const own = ["date", "connection", "keep-alive", "content-length", "transfer-encoding", "x-trace-id", "vary"];
        for (const name of own) all.delete(name);
        return Object.fromEntries(all);
      });
      assert.deepEqual(told[1], told[0], path);
      const text = await there?.text();
      if (path === "/") assert.match(text ?? "", new RegExp(`src="/${stage}/app\\.js"`));
      else assert.equal(JSON.stringify(unescaped(text ?? "")), JSON.stringify(unescaped((await here?.text()) ?? "")));
    }
  });

  const uri = () => `file://${folder}/backups.md`;
  const from = (base: string, path: string) => fetch(`${base}${path}`, { headers: { "x-api-key": gatewayKey } });
  /** Without what is of one request alone. */
  const bodyOf = async (response: Response) => {
    const { trace_id, ...body } = (await response.json()) as Record<string, unknown>;
    assert.match(String(trace_id), /./);
    return body;
  };

  it("reads documents as the server does, and refuses what it refuses", async () => {
    const named = encodeURIComponent(uri());
    const paths = [
      "/documents",
      "/documents?limit=2",
      `/documents?limit=2&after=${named}`,
      `/documents?prefix=${named}`,
      "/documents?prefix=nothing",
      `/document?uri=${named}`,
      `/document?uri=${named}&from=1&limit=1`,
      `/document?uri=${encodeURIComponent(`file://${folder}/broken.pdf`)}`,
      "/documents?limit=0",
      "/documents?limit=501",
      "/documents?limit=two",
      "/documents?limit=1&limit=2",
      "/documents?unknown=1",
      `/documents?prefix=${"a".repeat(4097)}`,
      "/document",
      "/document?uri=",
      "/document?uri=file%3A%2F%2F%2Fnowhere.md",
      `/document?uri=${"a".repeat(4097)}`,
      `/document?uri=${named}&uri=${named}`,
      `/document?uri=${named}&from=-1`,
      `/document?uri=${named}&from=1.5`,
      `/document?uri=${named}&limit=0`,
      `/document?uri=${named}&limit=1000`,
      `/document?uri=${named}&more=1`,
      `/document?uri=${named}%00`,
      "/document?uri=%FF%FE",
    ];
    const statuses = new Set<number>();
    for (const path of paths) {
      const [here, there] = [await from(local, path), await from(gateway.url, path)];
      statuses.add(there.status);
      assert.equal(there.status, here.status, path);
      assert.deepEqual(await bodyOf(there), await bodyOf(here), path);
    }
    assert.deepEqual([...statuses].sort(), [200, 400, 404]);
  });

  it("reads nothing without a key, and a key is not enough to write", async () => {
    for (const path of ["/documents", `/document?uri=${encodeURIComponent(uri())}`]) {
      const refused = await fetch(`${gateway.url}${path}`);
      assert.deepEqual([refused.status, (await bodyOf(refused))["code"]], [403, "forbidden"]);
    }
    const list = await bodyOf(await from(gateway.url, "/documents"));
    assert.equal("may_write" in list, false);
    for (const [method, path] of [
      ["DELETE", `/document?uri=${encodeURIComponent(uri())}`],
      ["POST", "/documents"],
      ["POST", "/document/retry"],
      ["GET", "/doctor"],
    ] as const) {
      const response = await fetch(`${gateway.url}${path}`, { method, headers: { "x-api-key": gatewayKey } });
      assert.equal(response.status, 404, `${method} ${path}`);
    }
  });
});

/** Letters written as escapes, as letters. */
function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
