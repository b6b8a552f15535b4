import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A running fake-gcs-server, which keeps its objects in memory. */
export interface FakeGcs {
  /** The value of STORAGE_EMULATOR_HOST. */
  readonly url: string;
  createBucket(bucket: string): Promise<void>;
  removeBucket(bucket: string): Promise<void>;
  /** Writes an object whole, over the one of that name. Gives its generation. */
  upload(
    bucket: string,
    name: string,
    bytes: Uint8Array | string,
    metadata?: { readonly contentType?: string; readonly contentEncoding?: string },
  ): Promise<string>;
  remove(bucket: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

const binary = join(homedir(), ".cache/isthmus/peers/fake-gcs-server-v1.56.0/fake-gcs-server");

export async function startFakeGcs(): Promise<FakeGcs> {
  const port = await freePort();
  const settings = [
    "-scheme",
    "http",
    "-host",
    "127.0.0.1",
    "-port",
    String(port),
    "-backend",
    "memory",
    "-log-level",
    "error",
  ];
  const child = spawn(binary, settings, { stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (
      await fetch(`${url}/_internal/healthcheck`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break;
    if (tries > 500 || child.exitCode !== null) throw new Error("fake-gcs-server did not start");
    await sleep(20);
  }
  return {
    ...createBucketClient(url),
    url,
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** Writes to a bucket by the JSON API, as any tool does. */
export function createBucketClient(url: string): Omit<FakeGcs, "url" | "stop"> {
  const api = `${url}/storage/v1`;
  const call = async (path: string, options: RequestInit): Promise<unknown> => {
    const answer = await fetch(path, options);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${options.method} ${path} answered ${answer.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    async createBucket(bucket) {
      const headers = { "content-type": "application/json" };
      await call(`${api}/b?project=test`, { method: "POST", headers, body: JSON.stringify({ name: bucket }) });
    },
    async removeBucket(bucket) {
      await call(`${api}/b/${bucket}`, { method: "DELETE" });
    },
    async upload(bucket, name, bytes, metadata = {}) {
      const boundary = "isthmus-part-boundary";
      const { contentType = "application/octet-stream" } = metadata;
      const resource = JSON.stringify({ name, ...metadata });
      const head = `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${resource}\r\n--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`;
      const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(`\r\n--${boundary}--\r\n`)]);
      const headers = { "content-type": `multipart/related; boundary=${boundary}` };
      const target = `${url}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`;
      const written = (await call(target, { method: "POST", headers, body })) as { readonly generation: string };
      return written.generation;
    },
    async remove(bucket, name) {
      await call(`${api}/b/${bucket}/o/${encodeURIComponent(name)}`, { method: "DELETE" });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
