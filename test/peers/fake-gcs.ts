import { tmpdir } from "node:os";
import { type Binary, goBinary } from "./binaries.ts";
import { type BucketClient, createBucketClient } from "./bucket-client.ts";
import { freePorts } from "./ports.ts";
import { startProgram } from "./process.ts";
import { goPrograms } from "./programs.ts";

export interface FakeGcsSettings {
  /** Default: a free one. */
  readonly port?: number;
  /** Also answers by the XML API, by which Google's Go client (Terraform, Weaviate) reads objects. */
  readonly xmlApi?: boolean;
  /** Where notifications go: the PUBSUB_EMULATOR_HOST of a server. */
  readonly pubSubHost?: string;
}

/** A running fake-gcs-server, which keeps its objects in memory. */
export interface FakeGcs extends BucketClient {
  /** The value of STORAGE_EMULATOR_HOST. */
  readonly url: string;
  /** From now on the bucket's changes are told to a topic, `projects/p/topics/t`. */
  notify(bucket: string, topic: string): Promise<void>;
  stop(): Promise<void>;
}

export async function fakeGcsBinary(tell?: (line: string) => void): Promise<Binary> {
  return await goBinary(goPrograms.fakeGcs, tell);
}

/** Starts fake-gcs-server and waits until it answers. */
export async function startFakeGcs(settings: FakeGcsSettings = {}): Promise<FakeGcs> {
  const { path } = await fakeGcsBinary();
  if (path === undefined) throw new Error("fake-gcs-server is missing; see npm run peers:build");
  const [free = 0] = settings.port === undefined ? await freePorts(1) : [settings.port];
  const url = `http://127.0.0.1:${free}`;
  // It takes the XML API only under its public name.
  const publicHost = settings.xmlApi === true ? ["-public-host", `127.0.0.1:${free}`] : [];
  const place = ["-scheme", "http", "-host", "127.0.0.1", "-port", String(free), ...publicHost];
  const program = await startProgram({
    name: "fake-gcs-server",
    command: path,
    args: [...place, "-backend", "memory", "-log-level", "warn"],
    environment: settings.pubSubHost === undefined ? {} : { PUBSUB_EMULATOR_HOST: settings.pubSubHost },
    folder: tmpdir(),
    async ready() {
      const response = await fetch(`${url}/_internal/healthcheck`);
      await response.arrayBuffer();
      return response.ok;
    },
  });
  return {
    ...createBucketClient(url),
    url,
    async notify(bucket, topic) {
      const response = await fetch(`${url}/storage/v1/b/${bucket}/notificationConfigs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ topic: `//pubsub.googleapis.com/${topic}`, payload_format: "JSON_API_V1" }),
      });
      if (!response.ok) throw new Error(`notificationConfigs answered ${response.status}: ${await response.text()}`);
    },
    stop: () => program.stop(),
  };
}
