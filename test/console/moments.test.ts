import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page, Route } from "playwright-core";
import { browserBinary, startBrowser } from "../support/browser.ts";
import { createDesk, type Desk, eventually } from "../support/cli.ts";
import { isFitForAll, withPage as openPage } from "./page.ts";

interface Part {
  readonly text: string;
  readonly start: number;
  readonly passages: readonly { readonly ordinal: number; readonly start: number; readonly end: number }[];
}

const { skip } = browserBinary();
const question = "#/ask?q=how+long+are+backups+kept%3F";

/** An answer of the server as the page gets it. */
function answerOf(text: string, uri: string, basis = "quoted") {
  const source = { uri, title: "T", heading: "", start: 0, end: 1, version: "1", ordinal: 0 };
  const events = [
    ["passages", { passages: [{ content: text, source, score: 1 }], trace_id: "t" }],
    ["sentence", { text, basis, citations: [{ quote: text, source }] }],
    ["done", { abstained: false, generator: "extractive", dropped: {}, took_ms: 1, trace_id: "t" }],
  ] as const;
  const body = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  return { contentType: "text/event-stream", body };
}

describe("moments of the console", { skip }, () => {
  let desk: Desk;
  let browser: Browser;
  let url = "";
  let birds = "";
  before(async () => {
    desk = createDesk();
    desk.write("backups.md", "# Backups\n\nBackups are kept for 30 days.\n");
    const chapters = Array.from({ length: 60 }, (_, at) => `## Chapter ${at}\n\nOf bird ${at} little is known.\n`);
    chapters[40] = `${chapters[40]}\nThe heron nests in June. ${"It is a quiet bird. ".repeat(30)}\n\nThe heron leaves in August.\n`;
    birds = pathToFileURL(desk.write("birds.md", `# Birds\n\n${chapters.join("\n")}`)).href;
    const { code, stderr } = await desk.run("ingest", "documents");
    assert.equal(code, 0, stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await desk?.clear();
  });
  const withPage = (work: (page: Page) => Promise<void>, width?: number) => openPage(browser, url, work, width);

  test("a sentence is shown in its document's form: code, emphasis, rows, items; and nothing of it is markup", () =>
    withPage(async (page) => {
      const answers: [text: string, uri: string, basis: string, selector: string, shown: string][] = [
        ["Run `isthmus delete` **first**.", "file:///a.md", "quoted", ".answer p.sentence > code", "isthmus delete"],
        ["| what | when |\n|---|---|\n| files | `nightly` |", "file:///b.md", "quoted", ".answer td code", "nightly"],
        ["| what | when |\n| files | `nightly` |", "file:///i.md", "quoted", ".answer td code", "nightly"],
        ["- one\n- two", "file:///c.md", "quoted", ".answer li", "one"],
        ["what | when\nfiles | nightly", "file:///d.docx", "quoted", ".answer td", "what"],
        ["name: Ada\nborn: 1815", "file:///e.csv", "quoted", ".answer dd", "Ada"],
        ["It is *kept* a month.", "file:///f.pdf", "supported", ".answer em", "kept"],
        ["It is *kept* a month.", "file:///g.txt", "quoted", ".answer .sentence", "It is *kept* a month."],
      ];
      for (const [text, uri, basis, selector, shown] of answers) {
        await page.route("**/answer", (route) => route.fulfill(answerOf(text, uri, basis)));
        await page.goto("about:blank");
        await page.goto(`${url}/${question}`);
        await page.locator(selector).first().waitFor();
        const seen = await page.locator(selector).first().innerText();
        assert.ok(seen.startsWith(shown), `${text}: ${seen}`);
        await page.locator(".answer .citation").waitFor();
        await isFitForAll(page, text);
        await page.unroute("**/answer");
      }
      const harm = '<img src=x onerror="window.harmed=1"> [a](javascript:window.harmed=1) `<script>`';
      await page.route("**/answer", (route) => route.fulfill(answerOf(harm, "file:///h.md")));
      await page.goto("about:blank");
      await page.goto(`${url}/${question}`);
      await page.locator(".answer .citation").waitFor();
      assert.equal(await page.locator(".answer :is(img, script, a[href^=javascript])").count(), 0);
      assert.match(await page.locator(".answer").innerText(), /<img src=x onerror/);
    }));

  test("the header stands in two lines at the most, as wide as the window, and says where one is, in forced colours too", () =>
    withPage(
      async (page) => {
        await page.goto(`${url}/#/search`);
        await page.locator("nav a[aria-current]").waitFor();
        const tops = () =>
          page
            .locator("nav a")
            .evaluateAll((links) => new Set(links.map((link) => link.getBoundingClientRect().y)).size);
        assert.equal(await tops(), 1, "the tabs stand in one line");
        const [header, window] = (await page.evaluate(
          "[document.querySelector('.top').getBoundingClientRect().right, document.documentElement.offsetWidth]",
        )) as [number, number];
        assert.equal(header, window, "no strip of another colour is left beside it");
        assert.equal(await page.evaluate("getComputedStyle(document.documentElement).scrollbarGutter"), "auto");
        await page.emulateMedia({ forcedColors: "active" });
        const looks = await page.evaluate(
          "[...document.querySelectorAll('nav a')].map((link) => getComputedStyle(link).textDecorationLine)",
        );
        assert.deepEqual(looks, ["none", "underline", "none", "none"]);
      },
      // 320 pixels, of which a bar takes 15.
      305,
    ));

  for (const width of [1000, 320]) {
    test(`a citation opens its document at the very place, below its heading, and the next one there too, ${width} wide`, () =>
      withPage(async (page) => {
        const uri = encodeURIComponent(birds);
        const { parts } = (await (await fetch(`${url}/document?uri=${uri}`)).json()) as { parts: Part[] };
        const { text: read, start, passages } = parts[0] ?? assert.fail();
        const inView = async (said: string) => {
          const from = start + read.indexOf(said);
          const at = passages.find((each) => each.start <= from && from < each.end)?.ordinal;
          await page.goto(`${url}/#/ask?doc=${uri}&at=${at}&s=${from}&e=${from + said.length}`);
          await eventually(
            async () => {
              const mark = page.locator(".pane mark").first();
              const box = await mark.boundingBox();
              return [await mark.innerText(), box !== null && box.y > 0 && box.y + box.height < 800];
            },
            ([marked, seen]) => marked === said && seen === true,
          );
        };
        await inView("The heron nests in June.");
        await inView("The heron leaves in August.");
        assert.equal(await page.evaluate("scrollY"), 0, "the page stays where its reader is");
        const shown = await page.locator(".pane .text, .pane .under").allInnerTexts();
        const at = shown.findIndex((each) => each.includes("The heron nests"));
        assert.equal(shown[at - 1], "Chapter 40");
        assert.ok(shown.includes("Chapter 41"));
        await isFitForAll(page, "a document with headings");
      }, width));
  }

  test("a slow answer says so, can be stopped, and is asked for again by hand", () =>
    withPage(async (page) => {
      await page.clock.install();
      const held: Route[] = [];
      await page.route("**/answer", (route) => void held.push(route));
      await page.goto(`${url}/${question}`);
      await page.locator(".waiting:has-text('Reading the passages')").waitFor();
      await page.clock.runFor(6_000);
      await page.locator(".waiting:has-text('takes its time')").waitFor();
      assert.match(await page.locator(".waiting").innerText(), /\d+ s so far/);
      await isFitForAll(page, "a slow answer");
      const ended = page.waitForEvent("requestfailed");
      await page.locator(".waiting button").click();
      await ended;
      await page.locator(".fault:has-text('Stopped')").waitFor();
      await isFitForAll(page, "a stopped answer");
      await page.unroute("**/answer");
      await page.locator(".fault button").click();
      await page.locator(".answer .citation").waitFor();
      assert.equal(await page.locator(".fault").count(), 0);
    }, 320));

  test("a later question wins over the slow answer to an earlier one", () =>
    withPage(async (page) => {
      const held: Route[] = [];
      await page.route("**/answer", (route) => void held.push(route));
      await page.goto(`${url}/#/ask?q=the+first`);
      await eventually(
        async () => held.length,
        (count) => count === 1,
      );
      await page.locator("textarea").fill("the second");
      await page.keyboard.press("Enter");
      await eventually(
        async () => held.length,
        (count) => count === 2,
      );
      await held[1]?.fulfill(answerOf("Of the second.", "file:///2.txt"));
      await page.locator(".answer:has-text('Of the second.')").waitFor();
      // Its request was given up: the server may answer, and nobody listens.
      await held[0]?.fulfill(answerOf("Of the first.", "file:///1.txt")).catch(() => {});
      await page.locator("textarea").focus();
      await page.keyboard.type("x");
      assert.equal(await page.locator(".answer").count(), 1);
      assert.match(await page.locator(".answer").innerText(), /Of the second\./);
    }));

  test("the first paint has the theme of the system, before any script has run, and none comes before its style", () =>
    withPage(async (page) => {
      for (const [colorScheme, ground] of [
        ["dark", "rgb(16, 20, 24)"],
        ["light", "rgb(246, 247, 249)"],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        const held: Route[] = [];
        await page.route("**/app.*", (route) => void held.push(route));
        await page.goto(`${url}/`, { waitUntil: "commit" });
        await eventually(
          async () => held.length,
          (count) => count === 2,
        );
        const paints = () => page.evaluate("performance.getEntriesByType('paint').length");
        assert.equal(await paints(), 0, "without its style it is not painted");
        const of = (end: string) => held.find((route) => route.request().url().endsWith(end)) ?? assert.fail(end);
        await of("app.css").continue();
        const colour = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
        await eventually(colour, (now) => now === ground);
        assert.equal(await page.locator("main").count(), 0, "no script has run");
        await of("app.js").continue();
        await page.locator("main").waitFor();
        assert.equal(await colour(), ground);
        await page.unroute("**/app.*");
      }
    }));

  test("the keyboard alone adds a file, has a document read again, and deletes one", () =>
    withPage(async (page) => {
      // Long before it is needed: the browser has to know that it is not to open a window of its own.
      const chooser = page.waitForEvent("filechooser");
      await page.goto(`${url}/#/documents`);
      await page.locator(".adding").waitFor();
      const tabTo = async (selector: string) => {
        for (let presses = 0; (await page.locator(`${selector}:focus`).count()) === 0; presses++) {
          assert.ok(presses < 60, `${selector} can be reached by Tab`);
          await page.keyboard.press("Tab");
        }
      };
      await tabTo(".adding button");
      await page.keyboard.press("Enter");
      await (await chooser).setFiles({
        name: "keys.md",
        mimeType: "text/plain",
        buffer: Buffer.from("# Keys\n\nBy keys.\n"),
      });
      await page.locator(".files li").waitFor();
      const held: Route[] = [];
      await page.route("**/documents?name=*", (route) => void held.push(route));
      await tabTo(".adding button.main");
      await page.keyboard.press("Enter");
      await page.locator(".files progress").waitFor();
      await isFitForAll(page, "an upload that runs");
      await eventually(
        async () => held.length,
        (count) => count === 1,
      );
      await held[0]?.continue();
      await page.locator(".documents tbody tr:has-text('keys.md') a").first().waitFor();
      await tabTo(".documents tbody tr:has-text('keys.md') a");
      await page.keyboard.press("Enter");
      await page.locator(".pane .changes button").first().waitFor();
      await tabTo(".pane .changes button:text-is('Read again')");
      await page.keyboard.press("Enter");
      await page.locator("dialog[open]").waitFor();
      await tabTo("dialog button.main");
      await page.keyboard.press("Enter");
      await page.locator(".pane .changes:has-text('read in its turn')").waitFor();
      await tabTo(".pane .changes button:text-is('Delete')");
      await page.keyboard.press("Enter");
      await page.locator("dialog[open]").waitFor();
      await isFitForAll(page, "a question whether to delete");
      await tabTo("dialog button.main");
      await page.keyboard.press("Enter");
      await page.locator(".documents tbody tr:has-text('keys.md')").waitFor({ state: "detached" });
    }));
});
