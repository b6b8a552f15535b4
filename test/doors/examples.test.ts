import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { MockLanguageModelV4 } from "ai/test";
import { createDesk, type Desk, root, track } from "../support/cli.ts";

const page = readFileSync(join(root, "docs/clients.md"), "utf8");
/** Every program of the page, in its order; those with a name are imported by others. */
const programs = [...page.matchAll(/```js\n(?:\/\/ (\S+\.mjs)\n)?(.*?)```/gs)].map(([, name, text = ""]) => ({
  name,
  text,
}));

describe("the programs of docs/clients.md", () => {
  let desk: Desk;
  let url = "";
  before(async () => {
    desk = createDesk();
    desk.write("keys.md", "# Keys\n\nTo rotate the API key, add the new one, deploy, then remove the old one.\n");
    const ingested = await desk.run("ingest", "documents");
    assert.equal(ingested.code, 0, ingested.stderr);
    url = (await desk.start("serve").seen(/Serving (http:\S+)/))[1] ?? "";
    install(desk.folder);
    programs.forEach(({ name, text }, index) => {
      writeFileSync(join(desk.folder, name ?? `program-${index}.mjs`), text.replaceAll("http://127.0.0.1:3000", url));
    });
  });
  after(() => desk?.clear());

  test("are those that this suite knows", () => {
    assert.deepEqual(
      programs.flatMap(({ name }) => name ?? []),
      ["isthmus-retriever.mjs", "search-documents.mjs", "ask.mjs"],
    );
    assert.equal(programs.length, 7);
    for (const { name, text } of programs) assert.ok(text.split("\n").length <= 32, `${name} is longer than 30 lines`);
  });

  programs.forEach(({ name, text }, index) => {
    if (name !== undefined) return;
    test(`run as they stand: ${text.split("\n")[0]}`, async () => {
      const program = spawn(process.execPath, [join(desk.folder, `program-${index}.mjs`)], { cwd: desk.folder });
      const { code, stdout, stderr } = await track(program).ended;
      assert.equal(code, 0, stderr);
      assert.match(stdout, /keys\.md|query_invalid k /);
    });
  });

  test("a model of the AI SDK calls the tool, and gets passages with what to cite", async () => {
    const usage = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    };
    const input = JSON.stringify({ query: "how do I rotate the API key?" });
    const model = new MockLanguageModelV4({
      doGenerate: [
        {
          content: [{ type: "tool-call", toolCallId: "1", toolName: "searchDocuments", input }],
          finishReason: { unified: "tool-calls", raw: undefined },
          usage,
          warnings: [],
        },
        {
          content: [{ type: "text", text: "Add the new one first." }],
          finishReason: { unified: "stop", raw: undefined },
          usage,
          warnings: [],
        },
      ],
    });
    const { ask } = (await import(pathToFileURL(join(desk.folder, "ask.mjs")).href)) as {
      ask(model: unknown, prompt: string): Promise<string>;
    };
    assert.equal(await ask(model, "How do I rotate the key?"), "Add the new one first.");
    const told = JSON.stringify(model.doGenerateCalls[1]?.prompt);
    assert.match(told, /keys\.md/);
    assert.match(told, /add the new one, deploy/);
  });
});

/** The packages that the page has people install: this one as it is packed, and the others. */
function install(folder: string): void {
  const modules = join(folder, "node_modules");
  const client = join(modules, "isthmus/dist/client");
  mkdirSync(client, { recursive: true });
  cpSync(join(root, "package.json"), join(modules, "isthmus/package.json"));
  for (const name of ["index", "generated"]) {
    const text = readFileSync(join(root, "src/client", `${name}.ts`), "utf8");
    writeFileSync(join(client, `${name}.js`), stripTypeScriptTypes(text).replaceAll('.ts"', '.js"'));
  }
  for (const name of ["@langchain", "ai", "openai", "zod"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}
