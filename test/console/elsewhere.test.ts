import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, type Running } from "../support/cli.ts";
import { type GatedEmbedder, startGatedEmbedder } from "../support/gated-embedder.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";
import { isFitForAll, withPage as openPage } from "./page.ts";
import { onWeaviate } from "./store.ts";

const { skip } = browserBinary();
/** Each of some forty passages; and how many of all are read before the embedder stops to answer. */
const documents = 12;
const answered = 64;

describe("another process's indexing in the console", { skip }, () => elsewhereOn(() => ({})));
await suiteWithWeaviate("another process's indexing in the console, on Weaviate", {}, (weaviate) => {
  if (skip !== false) test("needs a browser", { skip }, () => {});
  else elsewhereOn(() => onWeaviate(weaviate(), "ConsoleElsewhere"));
});

function elsewhereOn(environment: () => NodeJS.ProcessEnv): void {
  let embedder: GatedEmbedder;
  let desk: Desk;
  let browser: Browser;
  let url = "";
  let round = 0;
  before(async () => {
    embedder = await startGatedEmbedder(16);
    desk = createDesk({ ...embedder.environment, ...environment() });
    desk.write("first.md", "# First\n\nIt is there already.\n");
    const { code, stderr } = await desk.run("ingest", "documents/first.md");
    assert.equal(code, 0, stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    embedder?.close();
    await desk?.clear();
  });
  beforeEach(() => {
    embedder.release();
    round++;
  });

  const withPage = (work: (page: Page) => Promise<void>, width?: number) => openPage(browser, url, work, width);

  /** A command that goes on, in the midst of its documents, for as long as the embedder is held. */
  function beginsElsewhere(): Running {
    for (let at = 0; at < documents; at++) {
      const sentences = Array.from({ length: 40 }, (_, of) => `Round ${round}, document ${at}, says ${of}.`);
      desk.write(`round-${round}/lot ${at}.md`, `# Lot ${round}-${at}\n\n${sentences.join("\n\n")}\n`);
    }
    embedder.holdAfter(answered);
    return desk.start("ingest", `documents/round-${round}`);
  }
  const task = ".tasks .task:has-text('Another program is indexing')";

  for (const [width, place] of [
    [1000, "documents"],
    [320, "health"],
  ] as const) {
    test(`shows live, and its documents come by themselves (${place}, ${width})`, () =>
      withPage(async (page) => {
        await page.goto(`${url}/#/${place}`);
        await page
          .locator(place === "documents" ? ".documents tbody tr" : "meter")
          .first()
          .waitFor();
        const running = beginsElsewhere();
        await page
          .locator(task)
          .filter({ hasText: `of ${documents}` })
          .waitFor();
        await isFitForAll(page, `${place} while another process indexes`);
        embedder.release();
        const { code, stderr } = await running.ended;
        assert.equal(code, 0, stderr);
        await page.locator(task).waitFor({ state: "detached" });
        if (place !== "documents") return;
        await page
          .locator(`.documents tbody tr:has-text('Lot ${round}-${documents - 1}')`)
          .first()
          .waitFor();
      }, width));
  }

  test("is gone from the page when its process is killed", () =>
    withPage(async (page) => {
      await page.goto(`${url}/#/documents`);
      const running = beginsElsewhere();
      await page.locator(task).waitFor();
      running.process.kill("SIGKILL");
      await running.ended;
      await page.locator(task).waitFor({ state: "detached" });
    }));
}
