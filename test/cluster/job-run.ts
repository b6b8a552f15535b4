import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { at, listAt } from "../infra/manifests.ts";
import { type Place, until } from "./place.ts";

/** One run of the ingestion Job in the cluster. */
export interface JobRun {
  readonly name: string;
  /** Once a pod of it runs and has said something. @returns the pod. */
  started(): Promise<string>;
}

export interface JobEnd {
  /** Of the Job: 0 complete, 1 failed. */
  readonly exitCode: number;
  /** Of the pods that are still there. */
  readonly log: string;
  /** Every pod that the Job had, by the events of its controller. */
  readonly pods: readonly string[];
}

/** Creates a Job from its manifest as an operator would. @param change of the manifest's text, for a run that is another. */
export async function createRun(
  place: Place,
  image: string,
  change: (manifest: string) => string = (manifest) => manifest,
): Promise<JobRun> {
  const text = change(readFileSync(join(place.manifests, "ingest/job.yaml"), "utf8"));
  const file = join(place.cluster.folder, "run.yaml");
  writeFileSync(file, text.replaceAll("image: INGEST_IMAGE", `image: ${image}`));
  const name = (await place.kubectl("create", "-f", file, "-o", "name")).trim().replace(/^job\.batch\//, "");
  return {
    name,
    async started() {
      let pod = "";
      await until(`a pod of ${name}`, async () => {
        const list = await place.kubectl("get", "pods", "-l", `batch.kubernetes.io/job-name=${name}`, "-o", "json");
        const running = listAt(JSON.parse(list), "items").find((one) => at(one, "status.phase") === "Running");
        pod = `${at(running, "metadata.name")}`;
        return running !== undefined && (await place.kubectl("logs", pod)) !== "";
      });
      return pod;
    },
  };
}

export async function endOfRun(place: Place, { name }: JobRun): Promise<JobEnd> {
  let exitCode = 1;
  await until(
    `the end of ${name}`,
    async () => {
      const job = JSON.parse(await place.kubectl("get", "job", name, "-o", "json"));
      const ended = listAt(job, "status.conditions").filter((one) => at(one, "status") === "True");
      if (ended.some((one) => at(one, "type") === "Complete")) exitCode = 0;
      return ended.some((one) => ["Complete", "Failed"].includes(`${at(one, "type")}`));
    },
    1_200_000,
  );
  const selector = `batch.kubernetes.io/job-name=${name}`;
  const log = await place.kubectl("logs", "-l", selector, "--tail=20").catch(String);
  const told = await place.kubectl("get", "events", "--field-selector", `involvedObject.name=${name}`, "-o", "json");
  const pods = listAt(JSON.parse(told), "items").flatMap(
    (event) => /^Created pod: (\S+)$/.exec(`${at(event, "message")}`)?.[1] ?? [],
  );
  return { exitCode, log, pods };
}
