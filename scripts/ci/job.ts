import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type FailedDocument, failedDocument } from "./job-log.ts";
import { exitCodeOf, type JobPod, waitsFor } from "./job-pods.ts";
import { kubectl, namespace, submit } from "./kubernetes.ts";
import type { Tools } from "./tools.ts";

export interface JobEnd {
  readonly name: string;
  /** 0 all good, 2 some documents failed, 1 anything else: as the Job's own. */
  readonly exitCode: number;
  readonly failed: readonly FailedDocument[];
}

/**
 * Creates one run of the ingestion Job; with a prefix, over that part of the bucket alone.
 *
 * @param args what it is to do other than to ingest. @returns its name.
 */
export async function createJob(
  manifests: string,
  image: string,
  prefix: string,
  tools: Tools,
  args: readonly string[] = [],
): Promise<string> {
  if (!/@sha256:[0-9a-f]{64}$/.test(image)) throw new Error(`${image} is not named by its digest`);
  const template = await readFile(join(manifests, "ingest/job.yaml"), "utf8");
  const given = args.length === 0 ? "" : `\n          args: ${JSON.stringify(args)}`;
  const text = template.replaceAll("image: INGEST_IMAGE", `image: ${image}${given}`);
  if (text === template) throw new Error(`${join(manifests, "ingest/job.yaml")} names no INGEST_IMAGE`);
  const set = ["set", "env", "--local", "-f", "-", `SOURCE_BLOB_NAME=${prefix}`, "-o", "yaml"];
  const input = prefix === "" ? text : (await tools.ask("kubectl", set, { input: text })).stdout;
  const created = await submit(["create", "-f", "-", "-o", "name"], tools, { input });
  return created.stdout.trim().replace(/^job\.batch\//, "");
}

interface JobStatus {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Follows the log of every pod of a Job until the Job ends, and says what a pod waits for. */
export async function followJob(name: string, pollSeconds: number, tools: Tools): Promise<JobEnd> {
  const failed = new Map<string, FailedDocument>();
  const followed = new Map<string, Promise<void>>();
  const said = new Map<string, string>();
  const selector = `batch.kubernetes.io/job-name=${name}`;
  tools.say(`looking after Job ${name} every ${pollSeconds} s`);
  for (;;) {
    const job: JobStatus = JSON.parse((await look(["get", "job", name], tools)).stdout);
    const pods: { items: readonly JobPod[] } = JSON.parse((await look(["get", "pods", "-l", selector], tools)).stdout);
    for (const pod of pods.items) {
      const { name: podName } = pod.metadata;
      // A pod that has not started has no log yet.
      if (pod.status.phase === "Pending") {
        const reason = waitsFor(pod);
        if (said.get(podName) !== reason) tools.say(`${podName} waits: ${reason}`);
        said.set(podName, reason);
      } else if (!followed.has(podName)) followed.set(podName, followPod(podName, failed, tools));
    }
    const is = (type: string) =>
      job.status?.conditions?.some((one) => one.type === type && one.status === "True") === true;
    if (is("Complete") || is("Failed")) {
      await Promise.all(followed.values());
      return { name, exitCode: is("Complete") ? 0 : exitCodeOf(pods.items), failed: [...failed.values()] };
    }
    await sleep(pollSeconds * 1000);
  }
}

const look = (what: readonly string[], tools: Tools) => kubectl([...what, "-o", "json"], tools, { quiet: true });

async function followPod(pod: string, failed: Map<string, FailedDocument>, tools: Tools): Promise<void> {
  const child = tools.start("kubectl", ["-n", namespace, "logs", "--follow", `pod/${pod}`]);
  const closed = once(child, "close");
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    tools.say(`${pod}: ${line}`);
    const one = failedDocument(line);
    if (one !== undefined) failed.set(one.uri, one);
  }
  await closed;
}

export function listFailed(failed: readonly FailedDocument[]): string {
  return failed.map(({ uri, code }) => `  ${uri} (${code})`).join("\n");
}
