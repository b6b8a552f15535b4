import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { goBinary } from "../peers/binaries.ts";
import { freePorts } from "../peers/ports.ts";
import { type Program, startProgram } from "../peers/process.ts";
import { goPrograms } from "../peers/programs.ts";
import type { DeployedNode } from "./deployed-weaviate.ts";

/** What Secret weaviate-secrets holds in these tests. */
export const keys = {
  "api-key": "the-root-key",
  "writer-key": "the-writer-key",
  "reader-key": "the-reader-key",
  "accepted-keys": "the-root-key,the-writer-key,the-next-reader-key,the-reader-key",
  "accepted-users": "root,writer,reader,reader",
  "cluster-password": "the-nodes-password",
} as const;
export const root = keys["api-key"];
export const writer = keys["writer-key"];
export const reader = keys["reader-key"];
/** The reader's other key, while it is rotated. */
export const nextReader = "the-next-reader-key";

export const collection = (replicas: number) => ({
  class: "Document",
  vectorizer: "none",
  replicationConfig: { factor: replicas },
  properties: [{ name: "content", dataType: ["text"] }],
});
export const object = {
  class: "Document",
  id: "00000000-0000-4000-8000-000000000001",
  properties: { content: "one" },
  vector: [1, 0],
};

/** What stands in the way of starting Weaviate as it is deployed, as the reason of a skipped suite. */
export async function deploymentMissing(): Promise<string | false> {
  const programs = [goPrograms.kustomize, goPrograms.weaviate, goPrograms.fakeGcs] as const;
  return (await Promise.all(programs.map((program) => goBinary(program)))).find((one) => one.skip)?.skip ?? false;
}

/** A Cloud Storage for backups and documents. */
export async function startStorage(): Promise<{ readonly url: string; readonly program: Program }> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({
    name: "fake-gcs-server",
    command: (await goBinary(goPrograms.fakeGcs)).path ?? "",
    // Weaviate's client reads objects by the XML API, which the server takes only under its public name.
    args: ["-scheme=http", "-host=127.0.0.1", `-port=${port}`, "-backend=memory", `-public-host=127.0.0.1:${port}`],
    environment: {},
    folder: tmpdir(),
    ready: async () => (await fetch(`${url}/storage/v1/b?project=test`)).ok,
  });
  return { url, program };
}

/** An answer of Weaviate's HTTP API, or of the storage's. @param key "" sends none. */
export async function call(url: string, key: string, method: string, path: string, body?: unknown) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { "content-type": "application/json", ...(key !== "" && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
  const answer: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, body: answer };
}

/** Waits for a real server to get there; the bound only ends a test that would wait for ever. */
export async function until(reached: () => Promise<boolean>, node: DeployedNode): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await reached().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not reached; the node's last words:\n${node.log()}`);
    await sleep(100);
  }
}

/** The common name of the certificate that a port shows to a client that trusts this authority alone. */
export function subjectOf(port: number, authority: Buffer | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const trust = authority === undefined ? {} : { ca: authority };
    const socket = connect({
      host: "127.0.0.1",
      port,
      servername: "weaviate.isthmus.internal",
      ALPNProtocols: ["h2"],
      ...trust,
    });
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(`${subject.CN}`);
    });
  });
}
