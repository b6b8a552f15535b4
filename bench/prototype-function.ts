import { join } from "node:path";
import type { ContainerSettings } from "../test/support/lambda/container.ts";
import { type Deployment, deploymentSkip } from "../test/support/lambda/deployment.ts";
import type { Machine } from "./machine.ts";
import { Unavailable } from "./unavailable.ts";

const program = join(import.meta.dirname, "python", "query_function.py");

/** The prototype's query function as a container beside ours: the same Runtime API, the same Weaviate. */
export function prototypeSettings(
  python: string,
  { packaged, weaviate }: Pick<Deployment, "packaged" | "weaviate">,
): ContainerSettings {
  return {
    folder: packaged.folder,
    command: [python, program],
    // It does not finish its INIT within ten seconds everywhere; it is given the time here, in its favour.
    initMs: 120_000,
    timeoutMs: 120_000,
    environment: {
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_API_KEY: weaviate.keys.reader,
      HOME: packaged.folder,
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}

/** @throws Unavailable where the query function cannot run: it wants Linux and Weaviate, which is built first where Go is. */
export async function needDeployment(tell: (line: string) => void): Promise<void> {
  const skip = await deploymentSkip(tell);
  if (skip !== false) throw new Unavailable(`The packaged query function cannot be measured here: ${skip}.`);
}

/** A function takes the cores that there are, and so does Weaviate; its budgets are for two. */
export function coresNotes({ cores }: Pick<Machine, "cores">): string[] {
  return cores === 2 ? [] : [`not on 2 cores: ${cores}; --cores does not reach a function, nor Weaviate`];
}
