import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inScratch } from "./bucket.ts";
import { createJob, followJob, listFailed } from "./job.ts";
import type { Tools } from "./tools.ts";

export interface Probe {
  readonly bucket: string;
  /** Object name; its folder is what the Job runs over. */
  readonly name: string;
  /** A word that stands in no other document. */
  readonly word: string;
  /** A Job for each change, or the workers that hear of it by themselves. */
  readonly way:
    | { readonly kind: "job"; readonly manifests: string; readonly image: string }
    | { readonly kind: "events" };
  readonly url: string;
  readonly key: string;
  readonly pollSeconds: number;
  readonly attempts: number;
}

export interface Proof {
  readonly found: boolean;
  readonly removed: boolean;
  /** What stood in the way, where something did. */
  readonly reason: string;
}

/** The way of a document through everything: bucket, Job or worker, Weaviate, function, gateway; and out again. */
export async function proveDocument(probe: Probe, tools: Tools): Promise<Proof> {
  const place = `gs://${probe.bucket}/${probe.name}`;
  await inScratch(async (folder) => {
    const file = join(folder, "document.md");
    await writeFile(file, `# Smoke test\n\nThis document is here for a minute. Its word is ${probe.word}.\n`);
    await tools.change("gcloud", ["storage", "cp", file, place, "--content-type=text/markdown"]);
  });
  let removed = false;
  try {
    await ingest(probe, tools);
    const found = await waitFor(probe, true, tools);
    if (found !== undefined) return { found: false, removed, reason: found };
    await tools.change("gcloud", ["storage", "rm", place]);
    removed = true;
    await ingest(probe, tools);
    const left = await waitFor(probe, false, tools);
    return { found: true, removed: left === undefined, reason: left ?? "" };
  } finally {
    // Whatever happened; the nightly reconciliation takes it out of the index.
    if (!removed) await tools.change("gcloud", ["storage", "rm", place], { expected: [0, 1] });
  }
}

async function ingest({ way, name, pollSeconds }: Probe, tools: Tools): Promise<void> {
  if (way.kind === "events") return;
  const { manifests, image } = way;
  const job = await createJob(manifests, image, `${name.slice(0, name.lastIndexOf("/"))}/`, tools);
  const { exitCode, failed } = await followJob(job, pollSeconds, tools);
  if (exitCode !== 0) throw new Error(`the Job ${job} of the smoke test ended with ${exitCode}\n${listFailed(failed)}`);
}

/** @returns undefined once it is as wanted, or why it never was. */
async function waitFor(probe: Probe, present: boolean, tools: Tools): Promise<string | undefined> {
  let reason = "";
  for (let attempt = 1; attempt <= probe.attempts; attempt++) {
    if (attempt > 1) await sleep(probe.pollSeconds * 1000);
    const answer = await search(probe);
    tools.say(`${probe.url}/query: ${answer.reason}`);
    if (answer.present === present) return undefined;
    reason = answer.reason;
  }
  return reason;
}

async function search({
  url,
  key,
  word,
  bucket,
  name,
}: Probe): Promise<{ present: boolean | undefined; reason: string }> {
  try {
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify({ query: word, k: 1, mode: "keyword" }),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status !== 200) {
      await response.arrayBuffer();
      return { present: undefined, reason: `answered ${response.status}` };
    }
    const { results } = (await response.json()) as {
      readonly results: readonly { readonly source: { readonly uri: string } }[];
    };
    const present = results.some(({ source }) => source.uri === `gs://${bucket}/${name}`);
    return { present, reason: present ? "the document is there" : "the document is not among the results" };
  } catch (error) {
    return { present: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}
