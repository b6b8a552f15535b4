import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Of a machine under load; nothing here waits for it where all is well. */
export const patience = { timeout: 120_000 };

/** A page that fails the test where anything goes wrong in it, or asks anybody but the server. */
export async function withPage(
  browser: Browser,
  url: string,
  work: (page: Page) => Promise<void>,
  width = 1000,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(patience.timeout);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      // What the network says of a refused request is the page's to tell, and looked at there.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) faults.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) faults.push(request.url());
    });
    page.on("dialog", (dialog) => void dialog.dismiss());
    await work(page);
    assert.deepEqual(faults, []);
    assert.equal(await page.evaluate("window.harmed"), undefined);
  } finally {
    await context.close();
  }
}

/** No violation in either theme, and nothing that is wider than the page. */
export async function isFitForAll(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // By the debugger's own way in: the page's policy lets no other script run.
    await page.evaluate(axe);
    const violations = await page.evaluate(
      `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 200)).slice(0, 3).join(" ")))`,
    );
    assert.deepEqual(violations, [], `${name}, ${colorScheme}`);
  }
  const [width, wide] = (await page.evaluate(
    "[document.documentElement.clientWidth, document.documentElement.scrollWidth]",
  )) as [number, number];
  assert.ok(wide <= width, `${name} is ${wide} wide where ${width} are shown`);
}
