import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, eventually } from "../support/cli.ts";
import { type GatedEmbedder, startGatedEmbedder } from "../support/gated-embedder.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";
import { vast } from "./corpus.ts";
import { isFitForAll, withPage as openPage } from "./page.ts";
import { onWeaviate } from "./store.ts";

/** Elements that a page may come to without being asked for more: a browser lays them out while a person waits. */
const mostElements = 15_000;
/** Characters that it shows likewise. */
const mostCharacters = 200_000;
const { skip } = browserBinary();

describe("documents without measure in the console", { skip }, () => vastOn(() => ({})));
await suiteWithWeaviate("documents without measure in the console, on Weaviate", {}, (weaviate) => {
  if (skip !== false) test("needs a browser", { skip }, () => {});
  else vastOn(() => onWeaviate(weaviate(), "ConsoleVast"));
});

function vastOn(environment: () => NodeJS.ProcessEnv): void {
  let embedder: GatedEmbedder;
  let desk: Desk;
  let browser: Browser;
  let url = "";
  before(async () => {
    // Passages as long as any embedder takes them: the page's bounds are its own.
    embedder = await startGatedEmbedder(8192);
    desk = createDesk({ ...embedder.environment, ...environment() });
    for (const [name, text] of Object.entries(vast)) desk.write(name, text());
    const { code, stderr } = await desk.run("ingest", "documents");
    assert.equal(code, 0, stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
    embedder?.close();
  });

  const withPage = (work: (page: Page) => Promise<void>, width?: number) => openPage(browser, url, work, width);

  const lengthOf = async (page: Page, selector: string) =>
    (await page.locator(selector).first().textContent())?.length ?? 0;

  /** Not too much for a browser, and it hears a key. */
  async function isUsable(page: Page, name: string): Promise<void> {
    const [elements, characters] = (await page.evaluate(
      "[document.querySelectorAll('*').length, document.body.textContent.length]",
    )) as [number, number];
    assert.ok(elements <= mostElements, `${name}: ${elements} elements`);
    assert.ok(characters <= mostCharacters, `${name}: ${characters} characters`);
    await page.evaluate("document.activeElement?.blur()");
    await page.keyboard.press("/");
    await page.locator("[data-slash]:focus").waitFor();
  }

  for (const name of Object.keys(vast)) {
    test(`${name} opens by parts, says that there is more, and shows it when asked`, () =>
      withPage(async (page) => {
        await page.goto(`${url}/#/documents?name=${encodeURIComponent(name)}`);
        await page.locator(".documents a").first().click();
        await page.waitForSelector(".pane .part .text");
        await isUsable(page, name);
        const more = page.locator(".pane button:text-matches('^Show (more|what comes after)')").first();
        await more.waitFor();
        const first = await lengthOf(page, ".pane");
        await more.click();
        await eventually(
          () => lengthOf(page, ".pane"),
          (now) => now > first,
        );
        await page.keyboard.press("Escape");
      }));
  }

  test("fifty hits in them are one page of a search, at any width", () =>
    withPage(async (page) => {
      await page.goto(`${url}/#/search?q=zebra&mode=keyword&k=50`);
      await page.waitForSelector(".hits li");
      assert.ok((await page.locator(".hits li").count()) > 20);
      await isUsable(page, "fifty hits");
      await isFitForAll(page, "fifty hits");
      const cut = page.locator(".hits .more button").first();
      const before = await lengthOf(page, ".hits");
      await cut.click();
      await eventually(
        () => lengthOf(page, ".hits"),
        (now) => now > before,
      );
    }, 320));

  test("a citation in the midst of one opens at its place, with what stands around it", () =>
    withPage(async (page) => {
      await page.goto(`${url}/#/search?q=needle&mode=keyword&k=5`);
      await page.waitForSelector(".hits li");
      const found = (await (
        await fetch(`${url}/query`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query: "needle", mode: "keyword", k: 1 }),
        })
      ).json()) as { results: { content: string; source: { uri: string; ordinal: number; start: number } }[] };
      const [hit] = found.results;
      assert.ok(hit !== undefined);
      const at = hit.source.start + hit.content.indexOf("needle");
      const place = new URLSearchParams({
        doc: hit.source.uri,
        at: String(hit.source.ordinal),
        s: String(at),
        e: String(at + 6),
      });
      await page.goto(`${url}/#/search?q=needle&mode=keyword&k=5&${place}`);
      await page.waitForSelector(".pane mark");
      assert.equal(await page.locator(".pane mark").innerText(), "needle");
      await isUsable(page, "an opened citation");
    }));

  test("an answer from them is an answer, and the lists of documents and health stay lists", () =>
    withPage(async (page) => {
      await page.goto(`${url}/#/ask?q=zebra+needle%3F`);
      await page.waitForSelector(".passages .hits li", { state: "attached" });
      await page.locator("main [aria-busy=true]").waitFor({ state: "detached" });
      await isUsable(page, "an answer");
      await page.goto(`${url}/#/documents`);
      await page.waitForSelector(".documents tbody tr");
      await isUsable(page, "documents");
      await isFitForAll(page, "documents");
      await page.goto(`${url}/#/health`);
      await page.waitForSelector("meter");
      assert.ok(Number(await page.evaluate("document.querySelectorAll('*').length")) <= mostElements);
    }));
}
