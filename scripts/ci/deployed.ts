import { readObject, writeObject } from "./bucket.ts";
import { isAncestor } from "./git.ts";
import type { Tools } from "./tools.ts";

/** What was last deployed and passed the smoke test. */
export interface Deployed {
  readonly commit: string;
  /** Of the ingestion Job, by digest. */
  readonly ingest_image?: string;
  /** Of the function `query`: what its alias `live` pointed at. */
  readonly function_version?: string;
  /** The same of `answer`. */
  readonly answer_version?: string;
}

const urlOf = (bucket: string) => `gs://${bucket}/pipeline/deployed.json`;

export async function readDeployed(bucket: string, tools: Tools): Promise<Deployed | undefined> {
  const text = await readObject(urlOf(bucket), tools);
  if (text === undefined) return undefined;
  const record: unknown = JSON.parse(text);
  if (!isDeployed(record)) throw new Error(`${urlOf(bucket)} holds no commit; delete it to deploy everything anew`);
  return record;
}

function isDeployed(record: unknown): record is Deployed {
  const { commit } = (record ?? {}) as { readonly commit?: unknown };
  return typeof commit === "string" && /^[0-9a-f]{40}$/.test(commit);
}

/**
 * Records a deployment, unless a later commit is recorded already: an older pipeline that ends last must not make the newer
 * one's changes look as if they were still to come.
 *
 * @returns whether it was recorded.
 */
export async function recordDeployed(
  bucket: string,
  deployed: Deployed,
  repository: string,
  tools: Tools,
): Promise<boolean> {
  const before = await readDeployed(bucket, tools);
  const isOlder = before !== undefined && before.commit !== deployed.commit;
  if (isOlder && (await isAncestor(deployed.commit, before.commit, repository, tools))) return false;
  await writeObject(urlOf(bucket), `${JSON.stringify({ ...before, ...deployed })}\n`, tools);
  return true;
}

/** The ingestion Job's, and the worker's. */
export type ImageKind = "ingest" | "worker";

const imageUrl = (bucket: string, commit: string, kind: ImageKind) =>
  `gs://${bucket}/pipeline/images/${kind}/${commit}`;

/** The image that was built from a commit. */
export async function readImage(
  bucket: string,
  commit: string,
  tools: Tools,
  kind: ImageKind = "ingest",
): Promise<string | undefined> {
  return (await readObject(imageUrl(bucket, commit, kind), tools))?.trim();
}

export async function recordImage(
  bucket: string,
  commit: string,
  image: string,
  tools: Tools,
  kind: ImageKind = "ingest",
): Promise<void> {
  await writeObject(imageUrl(bucket, commit, kind), `${image}\n`, tools);
}
