import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { deskFor } from "../support/cli.ts";

interface VerifyAnswer {
  readonly documents: number;
  readonly damaged: number;
  readonly sound: boolean;
  readonly repaired: boolean;
  readonly orphaned: { readonly attempts: number; readonly chunks: number };
  readonly damages: readonly { readonly uri: string; readonly problems: readonly string[] }[];
}

test("verify finds what is wrong, repair and ingest mend it, and a second repair writes nothing", async (context) => {
  const { write, run, folder } = deskFor(context);
  write("a.md", "# Backups\n\nBackups are kept for thirty days.");
  write("b.md", "# Keys\n\nKeys are rotated every ninety days.");
  write("c.md", "# Bread\n\nRye bread is baked with sourdough.");
  await run("ingest", "documents");
  const sound = await run("verify");
  assert.equal(sound.code, 0, sound.stderr);
  assert.match(sound.stdout, /Looked at 3 documents with 3 chunks .*\nThe index holds what it says\./);
  assert.match((await run("status")).stdout, /Verified 20/);

  const index = new DatabaseSync(join(folder, "data", "index.sqlite"));
  const chunkOf = (name: string) =>
    index
      .prepare("SELECT c.id FROM chunk c JOIN document d ON d.attempt = c.attempt WHERE d.uri LIKE ?")
      .get(`%${name}`)?.["id"] as number;
  const [a, b] = [chunkOf("a.md"), chunkOf("b.md")];
  index.prepare("DELETE FROM chunk WHERE id = ?").run(a);
  index.prepare("DELETE FROM code WHERE id = ?").run(b);
  index.close();

  const broken = await run("verify", "--json");
  assert.equal(broken.code, 2);
  const { damaged, damages, orphaned, sound: isSound } = broken.json<VerifyAnswer>();
  assert.deepEqual(
    damages.map(({ uri, problems }) => [uri.split("/").at(-1), ...problems]),
    [
      ["a.md", "missing"],
      ["b.md", "unindexed"],
    ],
  );
  assert.ok(damaged === 2 && orphaned.chunks > 0 && !isSound);
  assert.match((await run("status")).stdout, /something is wrong/);
  assert.match((await run("doctor")).stdout, /note +verification: 2 damaged documents/);

  const mended = await run("verify", "--repair");
  assert.equal(mended.code, 2, "what was found is told, mended or not");
  assert.match(mended.stdout, /run isthmus ingest to write them again/);
  const again = (await run("verify", "--repair", "--json")).json<VerifyAnswer>();
  assert.deepEqual([again.documents, again.damaged, again.orphaned.attempts, again.repaired], [1, 0, 0, false]);
  const ingested = (await run("ingest", "documents", "--json")).json<{ added: number; unchanged: number }>();
  assert.deepEqual([ingested.added, ingested.unchanged], [2, 1]);
  const last = await run("verify", "--json");
  assert.deepEqual([last.code, last.json<VerifyAnswer>().sound], [0, true]);
});

test("verify without an index says so, and makes none", async (context) => {
  const { run } = deskFor(context);
  const { code, stderr } = await run("verify");
  assert.equal(code, 1);
  assert.match(stderr, /Nothing is indexed yet/);
});

test("a document without text is told with its reason, by ingest and by status, and counts in the exit code", async (context) => {
  const { write, run } = deskFor(context);
  write("page.html", "<html><body><script>render()</script></body></html>");
  write("blank.txt", "\n\n");
  write("good.txt", "Alpha is found.");
  const first = await run("ingest", "documents");
  assert.equal(first.code, 2);
  assert.match(first.stderr, /nothing to find: .*page\.html: /);
  assert.match(first.stdout, /2 empty/);
  assert.match((await run("status")).stdout, /page\.html\n +nothing of it can be found: /);
  assert.equal((await run("ingest", "documents")).code, 2, "as long as it stands");
  write("page.html", "<p>Alpha is here as well.</p>");
  assert.equal((await run("ingest", "documents")).code, 0);
});
