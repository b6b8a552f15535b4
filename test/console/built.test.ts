import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { buildConsole } from "../../console/build.ts";
import { root } from "../support/cli.ts";

/** Of all that a first visit loads. */
const mostBytes = 60 * 1024;

test("the built console is what its sources make, and small enough", async () => {
  const built = await buildConsole();
  let bytes = 0;
  for (const [name, content] of built) {
    const committed = readFileSync(join(root, "console/built", name), "utf8");
    assert.ok(committed === content, `console/built/${name} is older than its sources: npm run console`);
    if (name !== "licences.txt") bytes += gzipSync(content, { level: 9 }).length;
  }
  assert.ok(bytes <= mostBytes, `${bytes} bytes gzipped, and ${mostBytes} are allowed`);
  // The one place where Preact could make markup of text; it is used nowhere, and the page's policy refuses it.
  assert.doesNotMatch(
    built.get("app.js") ?? "",
    /dangerouslySetInnerHTML:|insertAdjacentHTML|document\.write|\beval\(|new Function/,
  );
});
