import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, eventually, type Running } from "../support/cli.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";
import { isFitForAll, withPage as openPage } from "./page.ts";
import { onWeaviate } from "./store.ts";

const { skip } = browserBinary();

describe("changes from the console, on SQLite", { skip }, () => changesOn(() => ({})));
await suiteWithWeaviate("changes from the console, on Weaviate", {}, (weaviate) => {
  test("need a browser", { skip }, () => {});
  if (skip !== false) return;
  changesOn(() => onWeaviate(weaviate(), "ConsoleChanges"));
});

function changesOn(environment: () => NodeJS.ProcessEnv): void {
  let desk: Desk;
  let running: Running;
  let browser: Browser;
  let url = "";
  const start = async (port: string) => {
    running = desk.start("start", "documents", "--watch", "--port", port);
    url = (await running.seen(/serves (http:\S+);/))[1] ?? "";
    await running.seen(/Watching/);
  };
  before(async () => {
    desk = createDesk(environment());
    desk.write("tea.md", "# Tea\n\nGreen tea is brewed at eighty degrees.\n");
    desk.write("broken.pdf", "%PDF-1.7 and nothing behind it");
    await start("0");
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
  });

  const withPage = (work: (page: Page) => Promise<void>, width?: number) =>
    openPage(
      browser,
      url,
      async (page) => {
        await page.goto(`${url}/#/documents`);
        await page.waitForSelector(".adding");
        await work(page);
      },
      width,
    );

  const choose = (page: Page, name: string, text: string) =>
    page.setInputFiles(".adding input[type=file]", { name, mimeType: "text/plain", buffer: Buffer.from(text) });
  const add = (page: Page) => page.click(".adding button.main");
  const row = (page: Page, name: string) => page.locator(`.documents tbody tr:has-text(${JSON.stringify(name)})`);
  const open = async (page: Page, name: string) => {
    await row(page, name).locator("a").click();
    await page.waitForSelector(".pane .changes");
  };
  const confirm = async (page: Page, button: string) => {
    await page.locator(`.pane .changes button:text-is("${button}")`).click();
    await page.waitForSelector("dialog[open]");
    await page.locator("dialog button.main").click();
    await page.waitForSelector("dialog", { state: "detached" });
  };
  const uploaded = (name: string) => join(desk.folder, "data/uploads", name);

  for (const width of [1000, 320]) {
    test(`files are asked about, sent, and there without a reload, at a width of ${width}`, () =>
      withPage(async (page) => {
        const name = `coffee ${width}.md`;
        await choose(page, name, `# Coffee ${width}\n\nCoffee is brewed at ninety-four degrees.\n`);
        await page.waitForSelector(".files li");
        assert.equal(existsSync(uploaded(name)), false, "nothing is sent before it is asked");
        await isFitForAll(page, "files that were chosen");
        await add(page);
        await row(page, `Coffee ${width}`).waitFor();
        assert.equal(existsSync(uploaded(name)), true);
        await choose(page, name, `# Cocoa ${width}\n\nCocoa is brewed with milk.\n`);
        await add(page);
        await page.waitForSelector(".files button");
        assert.match(await page.locator(".files").innerText(), /was added before/);
        await isFitForAll(page, "a name that is taken");
        await page.locator('.files button:text-is("Replace it")').click();
        await row(page, `Cocoa ${width}`).waitFor();
        await page.goto(`${url}/#/health`);
        await page.waitForSelector(".lately li");
        await page.waitForSelector(".findings dt");
        await isFitForAll(page, "health with what happened lately");
      }, width));
  }

  test("a file is dropped on its place, and one that misses it changes nothing", () =>
    withPage(async (page) => {
      const files = await page.evaluateHandle(
        `(() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["Dropped text about maté."], "maté.txt", { type: "text/plain" }));
          return transfer;
        })()`,
      );
      await page.dispatchEvent("h1", "drop", { dataTransfer: files });
      assert.equal(await page.locator(".files li").count(), 0);
      await page.dispatchEvent(".adding", "drop", { dataTransfer: files });
      await page.waitForSelector(".files li");
      await add(page);
      await row(page, "maté").waitFor();
    }));

  test("a change in the watched folder shows by itself", () =>
    withPage(async (page) => {
      desk.write("water.md", "# Water\n\nWater boils at a hundred degrees.\n");
      await row(page, "Water").waitFor();
    }));

  test("a document that failed is read again when that is confirmed", () =>
    withPage(async (page) => {
      await open(page, "broken.pdf");
      const attempts = async () => {
        const answer = await fetch(`${url}/documents`);
        const { documents } = (await answer.json()) as { documents: { error?: { attempts: number } }[] };
        return documents.find(({ error }) => error !== undefined)?.error?.attempts ?? 0;
      };
      const before = await attempts();
      await page.locator('.pane .changes button:text-is("Read again")').click();
      await page.waitForSelector("dialog[open]");
      await isFitForAll(page, "a question");
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog", { state: "detached" });
      await confirm(page, "Read again");
      await eventually(attempts, (now) => now > before);
    }));

  test("a document is deleted when that is confirmed, with its file only where it was added here", () =>
    withPage(async (page) => {
      await choose(page, "gone.md", "# Gone soon\n\nShort-lived.\n");
      await add(page);
      await open(page, "Gone soon");
      await confirm(page, "Delete");
      await row(page, "Gone soon").waitFor({ state: "detached" });
      assert.equal(existsSync(uploaded("gone.md")), false);
      await open(page, "tea.md");
      await confirm(page, "Delete");
      await row(page, "tea.md").waitFor({ state: "detached" });
      await page.waitForSelector(".adding:has-text('stays where it is')");
      assert.equal(existsSync(join(desk.folder, "documents/tea.md")), true);
    }));

  test("an upload that breaks off leaves nothing, says so, and is sent again by hand; the page finds a server that comes back", () =>
    withPage(async (page) => {
      await page.route("**/documents?name=*", (route) => route.abort("connectionreset"));
      await choose(page, "half.md", "# Half\n\nHalf a file.\n");
      await add(page);
      await page.waitForSelector(".files:has-text('broke off')");
      assert.equal(existsSync(uploaded("half.md")), false);
      await page.unroute("**/documents?name=*");
      running.process.kill("SIGKILL");
      await running.ended;
      await page.locator('.files button:text-is("Try again")').click();
      await page.waitForSelector(".files progress", { state: "detached" });
      await page.waitForSelector(".files:has-text('broke off')");
      await start(new URL(url).port);
      await page.locator('.files button:text-is("Try again")').click();
      await row(page, "Half").waitFor();
    }));
}
