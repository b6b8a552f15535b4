import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { goBinary } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";

/** A Kubernetes object as its YAML says it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export const overlays = ["starter", "starter-public", "production"] as const;
const source = join(import.meta.dirname, "../../infra/k8s");

/** Stands for an image's digest, which only a registry knows: these manifests are checked, and never deployed. */
const placeholderDigest = `sha256:${createHash("sha256").update("not an image").digest("hex")}`;
const placeholderImage = `cr.weaviate.io/semitechnologies/weaviate:1.39.0@${placeholderDigest}`;

/**
 * What kustomize makes of an overlay with an image pinned by digest, as a deployment has it.
 *
 * @param change edits the copy of infra/k8s that is built, for a mutant.
 */
export async function buildOverlay(overlay: string, change: (folder: string) => void = () => {}): Promise<Manifest[]> {
  const { path } = await goBinary(goPrograms.kustomize);
  if (path === undefined) throw new Error("kustomize is missing");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-kustomize-"));
  try {
    cpSync(source, folder, { recursive: true });
    // Whatever an installation has there: these are checked by what an example would be.
    replaceIn(join(folder, "base/settings.env"), /^WEAVIATE_IMAGE=.*$/m, `WEAVIATE_IMAGE=${placeholderImage}`);
    change(folder);
    const { stdout } = await promisify(execFile)(path, ["build", join(folder, "overlays", overlay)]);
    return parseAllDocuments(stdout).map((document): Manifest => document.toJS());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The shapes of what follows the bucket: workers and the nightly comparison. */
export const eventShapes = ["starter", "production"] as const;

/** What kustomize makes of `infra/k8s/events`, with images pinned by digest, as the pipeline deploys it. */
export async function buildEvents(shape: string, change: (folder: string) => void = () => {}): Promise<Manifest[]> {
  const { path } = await goBinary(goPrograms.kustomize);
  if (path === undefined) throw new Error("kustomize is missing");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-kustomize-"));
  try {
    cpSync(source, folder, { recursive: true });
    change(folder);
    const { stdout } = await promisify(execFile)(path, ["build", join(folder, "events", shape)]);
    const registry = "us-east4-docker.pkg.dev/your-project-id/isthmus";
    const pinned = stdout
      .replaceAll(/(image: )WORKER_IMAGE/g, `$1${registry}/worker@${placeholderDigest}`)
      .replaceAll(/(image: )INGEST_IMAGE/g, `$1${registry}/ingest@${placeholderDigest}`);
    return parseAllDocuments(pinned).map((document): Manifest => document.toJS());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What kustomize makes of `infra/k8s/telemetry`, with its image pinned by digest. */
export async function buildTelemetry(): Promise<Manifest[]> {
  const { path } = await goBinary(goPrograms.kustomize);
  if (path === undefined) throw new Error("kustomize is missing");
  const { stdout } = await promisify(execFile)(path, ["build", join(source, "telemetry")]);
  const image = `otel/opentelemetry-collector-contrib:0.161.0@${placeholderDigest}`;
  return parseAllDocuments(stdout.replaceAll(/(image: )COLLECTOR_IMAGE/g, `$1${image}`)).map(
    (document): Manifest => document.toJS(),
  );
}

/** The ingestion Job as the pipeline creates it. */
export function readJob(edit: (text: string) => string = (text) => text): Manifest {
  const text = readFileSync(join(source, "ingest/job.yaml"), "utf8");
  const image = `us-east4-docker.pkg.dev/your-project-id/isthmus/ingest@${placeholderDigest}`;
  return parse(edit(text).replaceAll(/(image: )INGEST_IMAGE/g, `$1${image}`));
}

/** @throws when the text is not there: a mutant that changes nothing proves nothing. */
export function replaceIn(file: string, search: string | RegExp, replacement: string): void {
  const before = readFileSync(file, "utf8");
  const after = before.replace(search, replacement);
  if (after === before) throw new Error(`${file} holds no ${search}`);
  writeFileSync(file, after);
}

/** The value at a dotted path, or undefined; numbers index lists. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined | null)?.[key], value);
}

/** As `at`, for lists: [] where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}
