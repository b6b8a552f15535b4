import { readFileSync } from "node:fs";
import { shownAddress } from "../core/redact.ts";
import type { SettingsReader } from "./read.ts";

/** How to reach a Weaviate, as the environment says it. */
export interface WeaviateAccess {
  /** `WEAVIATE_URL`: its HTTP address. */
  readonly url: string;
  /** `WEAVIATE_GRPC_URL`: its gRPC address; default the same host at port 50051. */
  readonly grpcUrl: string;
  /** `WEAVIATE_API_KEY`. */
  readonly apiKey: string | undefined;
  /** `WEAVIATE_API_KEY_FILE`, read again when the key is refused: two keys are live while they are rotated. */
  readonly apiKeyFile: string | undefined;
  /** The PEM that `WEAVIATE_CA_FILE` names, for a certificate that no public authority signed. */
  readonly caCertificate: string | undefined;
  /** `ISTHMUS_COLLECTION`, default `Document`; the manifest lies in `<name>Manifest`. */
  readonly collection: string;
  /** `ISTHMUS_REPLICATION_FACTOR`, default 3. Counts when the collections are created. */
  readonly replicationFactor: number;
  /** `ISTHMUS_SHARDS`; without it the server chooses. Counts when the collections are created. */
  readonly shards: number | undefined;
  /** `ISTHMUS_READ_CONSISTENCY`, default QUORUM. */
  readonly readConsistency: "ONE" | "QUORUM" | "ALL";
  /** `ISTHMUS_WRITE_CONSISTENCY`, default QUORUM. */
  readonly writeConsistency: "ONE" | "QUORUM" | "ALL";
  /** `ISTHMUS_STORE_TIMEOUT_MS`: for one request, default 30,000. */
  readonly timeoutMs: number;
}

const levels = ["ONE", "QUORUM", "ALL"] as const;
const grpcPort = 50_051;

/** The names that the prototype had for one address are still read; the first that is set counts. */
export type UrlNames = readonly ("WEAVIATE_URL" | "WEAVIATE_INTERNAL_URL" | "WEAVIATE_PUBLIC_URL")[];
export const ingestionUrlNames: UrlNames = ["WEAVIATE_URL", "WEAVIATE_INTERNAL_URL", "WEAVIATE_PUBLIC_URL"];
export const queryUrlNames: UrlNames = ["WEAVIATE_URL", "WEAVIATE_PUBLIC_URL", "WEAVIATE_INTERNAL_URL"];

/** Reads the access to a Weaviate; faults go to the reader. */
export function parseWeaviate(read: SettingsReader, urlNames: UrlNames = ingestionUrlNames): WeaviateAccess {
  const name = urlNames.find((candidate) => read.text(candidate) !== undefined) ?? "WEAVIATE_URL";
  const url = read.url(name, undefined);
  if (read.text(name) === undefined) {
    read.faults.push("WEAVIATE_URL is not set; it is Weaviate's HTTP address, for example http://127.0.0.1:8080.");
  }
  for (const each of [name, "WEAVIATE_GRPC_URL"]) read.refuseCredentials(each, "give the key as WEAVIATE_API_KEY");
  const apiKeyFile = read.text("WEAVIATE_API_KEY_FILE");
  const apiKey = read.secret("WEAVIATE_API_KEY");
  const shards = read.integer("ISTHMUS_SHARDS", 0, 1, 1_024);
  return {
    url: url ?? "",
    grpcUrl: parseGrpcUrl(read, url),
    apiKey,
    apiKeyFile,
    caCertificate: parseCertificate(read),
    collection: parseCollection(read),
    replicationFactor: read.integer("ISTHMUS_REPLICATION_FACTOR", 3, 1, 15),
    shards: shards === 0 ? undefined : shards,
    readConsistency: read.choice("ISTHMUS_READ_CONSISTENCY", levels, "QUORUM"),
    writeConsistency: read.choice("ISTHMUS_WRITE_CONSISTENCY", levels, "QUORUM"),
    timeoutMs: read.integer("ISTHMUS_STORE_TIMEOUT_MS", 30_000, 100, 600_000),
  };
}

/** `https://host:port`, or `host:port` with the scheme of the HTTP address. */
function parseGrpcUrl(read: SettingsReader, url: string | undefined): string {
  const given = read.text("WEAVIATE_GRPC_URL");
  const scheme = url?.startsWith("https:") === true ? "https:" : "http:";
  if (given === undefined) return url === undefined ? "" : `${scheme}//${hostOf(url)}:${grpcPort}`;
  const address = /^[a-z]+:\/\//i.test(given) ? given : `${scheme}//${given}`;
  if (URL.canParse(address) && /^https?:/.test(address)) return address.replace(/\/+$/, "");
  read.faults.push(
    `${read.shown("WEAVIATE_GRPC_URL")} is ${JSON.stringify(shownAddress(given))}; it is host:port, or an http:// or https:// address.`,
  );
  return "";
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

function parseCertificate(read: SettingsReader): string | undefined {
  const file = read.text("WEAVIATE_CA_FILE");
  if (file === undefined) return undefined;
  try {
    const pem = readFileSync(file, "utf8");
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
    read.faults.push(`WEAVIATE_CA_FILE names ${file}, which holds no PEM certificate.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    read.faults.push(`WEAVIATE_CA_FILE names ${file}, which cannot be read: ${reason}`);
  }
  return undefined;
}

function parseCollection(read: SettingsReader): string {
  const name = read.text("ISTHMUS_COLLECTION") ?? "Document";
  // Weaviate's own rule, and room for the manifest's name.
  if (/^[A-Z][_0-9A-Za-z]{0,200}$/.test(name)) return name;
  read.faults.push(
    `${read.shown("ISTHMUS_COLLECTION")} is ${JSON.stringify(name)}; it begins with a capital letter and has letters, digits and _ only.`,
  );
  return "Document";
}
