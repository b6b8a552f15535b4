import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, eventually, type Running } from "../support/cli.ts";
import { makePdf } from "../support/parser/make-pdf.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";
import { corpus, hostile } from "./corpus.ts";
import { isFitForAll, withPage as openPage, patience } from "./page.ts";
import { onWeaviate } from "./store.ts";

const { skip } = browserBinary();

describe("the console in a browser", { skip }, () => consoleOn(() => ({})));
await suiteWithWeaviate("the console in a browser, on Weaviate", {}, (weaviate) => {
  if (skip !== false) test("needs a browser", { skip }, () => {});
  else consoleOn(() => onWeaviate(weaviate(), "Console"));
});

function consoleOn(environment: () => NodeJS.ProcessEnv): void {
  let desk: Desk;
  let running: Running;
  let browser: Browser;
  let url = "";
  before(async () => {
    desk = createDesk(environment());
    for (const [name, text] of Object.entries({ ...corpus, ...hostile })) desk.write(name, text);
    const text = "Giraffes browse on acacias and drink once in two days.";
    desk.write("turned.pdf", makePdf([{ texts: [{ x: 72, y: 300, text, turned: 30 }] }]));
    running = desk.start("start", "documents");
    url = (await running.seen(/serves (http:\S+);/))[1] ?? "";
    await running.seen(/Indexed: /);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
  });

  const withPage = (work: (page: Page) => Promise<void>, width?: number) => openPage(browser, url, work, width);

  const goTo = async (page: Page, place: string, shown: string) => {
    await page.goto(`${url}/${place}`);
    await page.waitForSelector(shown);
  };
  const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();

  const retention = "Backups are kept for 30 days.";
  const asked = "#/ask?q=how+long+are+backups+kept%3F";
  const states: readonly (readonly [name: string, place: string, shown: string])[] = [
    ["ask", "#/ask", ".examples a"],
    ["an answer", asked, ".answer .citation"],
    ["a question that the documents do not answer", "#/ask?q=who+won+the+chess+final%3F", ".abstained"],
    ["a search that explains itself", "#/search?q=backups+kept&why=file%3A%2F%2F%2Fnowhere", ".verdict"],
    ["documents", "#/documents", ".documents tbody tr"],
    ["documents that failed", "#/documents?state=failed", ".documents .reason"],
    ["health", "#/health", "meter"],
  ];

  for (const width of [1000, 320]) {
    test(`every page is fit for all at a width of ${width}`, () =>
      withPage(async (page) => {
        for (const [name, place, shown] of states) {
          await goTo(page, place, shown);
          for (const summary of await page.locator("summary").all()) await summary.click();
          await isFitForAll(page, name);
        }
      }, width));
  }

  test("a first visitor asks, follows a citation to its place, and finds the same by the address alone", () =>
    withPage(async (page) => {
      await goTo(page, "", "textarea");
      await page.locator("textarea").fill("how long are backups kept?");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".answer .citation");
      assert.match(await textOf(page, ".answer"), /Backups are kept for 30 days\./);
      await page.locator(".citation").first().click();
      await page.waitForSelector(".pane mark");
      const opened = async () => (await page.locator(".pane mark").allInnerTexts()).join("");
      assert.equal(await opened(), retention);
      assert.match(await textOf(page, ".pane"), /database\s+every hour/);
      assert.equal(await page.locator(".pane pre").innerText(), "backup --all > /var/backups");
      assert.equal(await page.locator(".pane td").first().innerText(), "what");
      await isFitForAll(page, "an opened citation");
      await page.goto("about:blank");
      await page.goBack();
      await page.waitForSelector(".pane mark");
      assert.equal(await opened(), retention, "after a reload");
      await page.waitForSelector(".answer .citation");
      await page.keyboard.press("Escape");
      await page.waitForSelector(".pane", { state: "detached" });
    }));

  test("the keyboard alone is enough", () =>
    withPage(async (page) => {
      await goTo(page, "", "textarea");
      await page.keyboard.press("/");
      await page.keyboard.type("how long are backups kept?");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".answer .citation");
      for (let presses = 0; !(await page.evaluate("document.activeElement.matches('.citation')")); presses++) {
        assert.ok(presses < 30, "a citation can be reached by Tab");
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.waitForSelector(".pane mark");
      await page.locator(".pane:focus").waitFor();
    }));

  test("a record opens at its row, and rows and values are shown as such", () =>
    withPage(async (page) => {
      await goTo(page, "#/search?q=Grace+Hopper+compilers&k=5", ".hits dl");
      await page.locator(".hits h2 a").first().click();
      await page.waitForSelector(".pane .here mark");
      assert.match(await textOf(page, ".pane .here"), /Grace Hopper/);
      assert.doesNotMatch(await textOf(page, ".pane .here"), /Ada/);
      assert.match(await textOf(page, ".pane"), /Ada Lovelace/, "with what stands before");
      assert.equal(await page.locator(".pane .here dt").first().innerText(), "name");
    }));

  test("a search shows the ranks, the words that counted, and why a document is not there", () =>
    withPage(async (page) => {
      await goTo(page, "#/search?q=backups+kept&k=5", ".hits .why");
      await page.locator(".hits .why summary").first().click();
      const why = await textOf(page, ".hits .why");
      assert.match(why, /by meaning\s+1\s/);
      assert.match(why, /backups\s+\d/);
      await page.locator("input[name=why]").fill("file:///nowhere.md");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".verdict");
      assert.match(await textOf(page, ".verdict"), /unknown: The index does not know it/);
      assert.match(page.url(), /why=file/);
    }));

  test("documents are listed, searched by name, and say why they failed", () =>
    withPage(async (page) => {
      await goTo(page, "#/documents", ".documents tbody tr");
      await page.locator("input[type=search]").fill("broken");
      // Not by a condition of the page's own: what is asked of it twice is refused by its policy.
      await eventually(
        () => page.locator(".documents tbody tr").count(),
        (rows) => rows === 1,
      );
      assert.match(await textOf(page, ".documents tbody"), /failed/);
      await page.locator(".documents a").click();
      await page.waitForSelector(".pane .fault");
      await page.locator("input[type=search]").fill("turned");
      await page.locator(".documents a:has-text('turned')").click();
      await page.locator(".pane summary:text('How it was read')").click();
      await page.waitForSelector(".pane li:has-text('page 1 Text is turned by odd angles')");
      await goTo(page, "#/documents?name=nothing-is-called-so", "main p:text('No document is like that.')");
    }));

  test("a hostile corpus changes nothing but its own text", () =>
    withPage(async (page) => {
      await goTo(page, "#/search?q=zebra&mode=keyword&k=50&x=0", ".hits li");
      const hits = await page.locator(".hits li").count();
      assert.ok(hits > 5, `${hits} hits`);
      const inert = async (where: string) => {
        const live = `${where} :is(script, img, svg, iframe, style, base, form, input, object, embed, [onerror], [onload], [onclick], a[href^=javascript], a[href^=data])`;
        assert.equal(await page.locator(live).count(), 0, where);
      };
      await inert(".hits");
      for (const name of Object.keys(hostile)) {
        await goTo(page, `#/documents?name=${encodeURIComponent(name)}`, ".documents a");
        await page.locator(".documents a").first().click();
        await page.waitForSelector(".pane .part");
        assert.match(await textOf(page, ".pane"), /zebra/);
        await inert(".pane");
        await inert(".documents");
      }
      await goTo(page, "#/documents?name=harm.md", ".documents a");
      await page.locator(".documents a").first().click();
      await page.waitForSelector(".pane .part");
      assert.match(await textOf(page, ".pane"), /<script>window\.harmed = 1<\/script>/, "shown as it is written");
      assert.equal(await page.locator(".top").isVisible(), true);
    }));

  test("a server that asks for a key gets it from the person, for this tab alone", async () => {
    const keyed = desk.start("serve", "--port", "0");
    keyed.process.kill("SIGKILL");
    await keyed.ended;
    const guarded = createDesk({ ...desk.environment, ISTHMUS_API_KEYS: "a-key-of-this-test" });
    try {
      const serving = guarded.start("serve");
      const [, address = ""] = await serving.seen(/Serving (http:\S+)/);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(patience.timeout);
        await page.goto(`${address}/${asked}`);
        await page.waitForSelector(".key input");
        await page.locator(".key input").fill("wrong");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".fault:has-text('not valid')");
        await page.locator(".key input").fill("a-key-of-this-test");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".answer .citation");
        assert.equal(await page.evaluate("localStorage.length"), 0);
        assert.doesNotMatch(page.url(), /a-key/);
      } finally {
        await context.close();
      }
    } finally {
      await guarded.clear();
    }
  });

  test("a server that breaks off, goes away and comes back is told of in words, and asked again by hand", () =>
    withPage(async (page) => {
      await goTo(page, "#/ask", "textarea");
      await page.route("**/answer", (route) =>
        route.fulfill({
          contentType: "text/event-stream",
          body: 'event: passages\ndata: {"passages":[]}\n\nevent: sent',
        }),
      );
      await page.locator("textarea").fill("how long are backups kept?");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".fault:has-text('broke off')");
      await page.unroute("**/answer");
      await page.route("**/answer", (route) => route.abort("connectionrefused"));
      await page.locator(".fault button").click();
      await page.waitForSelector(".fault:has-text('does not answer')");
      await page.unroute("**/answer");
      await page.locator(".fault button").click();
      await page.waitForSelector(".answer .citation");
      assert.equal(await page.locator(".fault").count(), 0);
    }));

  test("while a scan runs the page says how far it is", () =>
    withPage(async (page) => {
      await page.route("**/query", async (route) => {
        const response = await route.fetch();
        const index = {
          state: "indexing",
          listing: false,
          done: 80,
          total: 150,
          failed: 0,
          documents_per_second: 3,
          left_ms: 23_000,
        };
        await route.fulfill({ response, json: { ...(await response.json()), index } });
      });
      await goTo(page, "#/search?q=backups", ".banner");
      assert.match(await textOf(page, ".banner"), /80 of 150 documents are in\..*about 23 s left/);
      await isFitForAll(page, "a scan that runs");
    }));
}
