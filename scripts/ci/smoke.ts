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
  /** Whether an answer must cite it too. */
  readonly answers?: true;
  /** Whether the console's page must be there. */
  readonly page?: true;
  readonly url: string;
  readonly key: string;
  readonly pollSeconds: number;
  readonly attempts: number;
}

export interface Proof {
  /** The console's page; without `page` true. */
  readonly shown: boolean;
  readonly found: boolean;
  /** By an answer to a question; without `answers` as found. */
  readonly cited: boolean;
  readonly removed: boolean;
  /** What stood in the way, where something did. */
  readonly reason: string;
}

const textOf = (word: string) => `# Smoke test\n\nThis document is here for a minute. Its word is ${word}.\n`;

/** The way of a document through everything: bucket, Job or worker, Weaviate, functions, gateway; and out again. */
export async function proveDocument(probe: Probe, tools: Tools): Promise<Proof> {
  const unseen = probe.page === true ? await waitFor(probe, lookAtPage, true, tools) : undefined;
  if (unseen !== undefined) return { shown: false, found: false, cited: false, removed: true, reason: unseen };
  const place = `gs://${probe.bucket}/${probe.name}`;
  await inScratch(async (folder) => {
    const file = join(folder, "document.md");
    await writeFile(file, textOf(probe.word));
    await tools.change("gcloud", ["storage", "cp", file, place, "--content-type=text/markdown"]);
  });
  let removed = false;
  try {
    await ingest(probe, tools);
    const found = await waitFor(probe, search, true, tools);
    if (found !== undefined) return { shown: true, found: false, cited: false, removed, reason: found };
    const cited = probe.answers === true ? await waitFor(probe, ask, true, tools) : undefined;
    if (cited !== undefined) return { shown: true, found: true, cited: false, removed, reason: cited };
    await tools.change("gcloud", ["storage", "rm", place]);
    removed = true;
    await ingest(probe, tools);
    const left = await waitFor(probe, search, false, tools);
    return { shown: true, found: true, cited: true, removed: left === undefined, reason: left ?? "" };
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

interface Look {
  /** Undefined where the API did not say. */
  readonly present: boolean | undefined;
  readonly reason: string;
}

/** @returns undefined once it is as wanted, or why it never was. */
async function waitFor(
  probe: Probe,
  look: (probe: Probe) => Promise<Look>,
  present: boolean,
  tools: Tools,
): Promise<string | undefined> {
  let reason = "";
  for (let attempt = 1; attempt <= probe.attempts; attempt++) {
    if (attempt > 1) await sleep(probe.pollSeconds * 1000);
    const answer = await look(probe);
    tools.say(`${probe.url}: ${answer.reason}`);
    if (answer.present === present) return undefined;
    reason = answer.reason;
  }
  return reason;
}

const uriOf = ({ bucket, name }: Probe) => `gs://${bucket}/${name}`;

/** The page of the console with its policy, and the script that it names, both without a key. */
async function lookAtPage({ url }: Probe): Promise<Look> {
  const missing = (reason: string): Look => ({ present: false, reason: `the console's page: ${reason}` });
  try {
    const signal = AbortSignal.timeout(30_000);
    const page = await fetch(`${url}/`, { headers: { accept: "text/html" }, signal });
    const html = await page.text();
    if (page.status !== 200) return missing(`answered ${page.status}`);
    if (!/script-src 'self'/.test(page.headers.get("content-security-policy") ?? ""))
      return missing("it came without its content security policy");
    const [, source] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
    if (source === undefined) return missing("it names no script");
    const script = await fetch(new URL(source, `${url}/`), { signal });
    await script.arrayBuffer();
    const type = script.headers.get("content-type") ?? "";
    if (script.status !== 200 || !type.startsWith("text/javascript"))
      return missing(`its script answered ${script.status}, ${type}`);
    return { present: true, reason: "the console's page and its script are there" };
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  }
}

async function search(probe: Probe): Promise<Look> {
  return await post(probe, "/query", { query: probe.word, k: 1, mode: "keyword" }, (body) => {
    const { results } = body as { readonly results: readonly { readonly source: { readonly uri: string } }[] };
    const present = results.some(({ source }) => source.uri === uriOf(probe));
    return { present, reason: present ? "the document is there" : "the document is not among the results" };
  });
}

/** Whatever writes the answers: the documents themselves or a model, a citation stands in its passage, and that in the document. */
async function ask(probe: Probe): Promise<Look> {
  const body = { question: `What is the word of the smoke test ${probe.word}?`, filter: { uri: uriOf(probe) } };
  return await post(probe, "/answer", body, (answered) => {
    const { abstained, reason, citations, passages, degraded } = answered as Answered;
    if (abstained) return { present: false, reason: `no answer, ${reason}` };
    const text = textOf(probe.word);
    const cited =
      citations.length > 0 &&
      citations.every(({ quote, passage, source }) => {
        const read = passages[passage - 1];
        return (
          source.uri === uriOf(probe) &&
          read?.source.uri === uriOf(probe) &&
          [read.content, text].every((whole) => words(whole).includes(words(quote)))
        );
      });
    if (!cited) return { present: false, reason: "the answer has no citation that stands in the document" };
    return { present: true, reason: `the answer cites the document${degraded ? ", without the language model" : ""}` };
  });
}

interface Answered {
  readonly abstained: boolean;
  readonly reason?: string;
  readonly degraded: boolean;
  readonly citations: readonly Cited[];
  readonly passages: readonly { readonly content: string; readonly source: { readonly uri: string } }[];
}

interface Cited {
  readonly quote: string;
  readonly passage: number;
  readonly source: { readonly uri: string };
}

/** White space aside. */
const words = (text: string) => text.split(/\s+/).filter(Boolean).join(" ");

async function post(
  { url, key }: Probe,
  path: "/query" | "/answer",
  body: unknown,
  read: (body: unknown) => Look,
): Promise<Look> {
  const said = (look: Look): Look => ({ ...look, reason: `${path}: ${look.reason}` });
  try {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status !== 200) {
      await response.arrayBuffer();
      return said({ present: undefined, reason: `answered ${response.status}` });
    }
    return said(read(await response.json()));
  } catch (error) {
    return said({ present: undefined, reason: error instanceof Error ? error.message : String(error) });
  }
}
