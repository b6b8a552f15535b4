import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { createPubSubConnection } from "../../src/adapters/pubsub/connection.ts";
import { type Binary, goBinary } from "./binaries.ts";
import { freePorts } from "./ports.ts";
import { type Program, startProgram } from "./process.ts";
import { goPrograms } from "./programs.ts";

export interface Message {
  readonly attributes: Readonly<Record<string, string>>;
  readonly data?: Uint8Array;
}

export interface SubscriptionSettings {
  readonly ackSeconds?: number;
  /** Deliveries after which a message goes to the dead letters: topic and subscription `<name>-dead`. */
  readonly deliveries?: number;
  /** Before a message that was given back comes again. */
  readonly backOffSeconds?: readonly [number, number];
}

/** A Pub/Sub server, which keeps its messages in memory. */
export interface PubSub extends Pick<Program, "pause" | "resume"> {
  /** The value of PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  /** Makes the topic `name` and its subscription of that name, which is given as `projects/test/subscriptions/<name>`. */
  create(name: string, settings?: SubscriptionSettings): Promise<string>;
  publish(topic: string, messages: readonly Message[]): Promise<void>;
  /** What waits in a subscription now, some of it; acknowledged. */
  drain(subscription: string): Promise<Message[]>;
  /** As a crash: what it held is gone. It comes back empty, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const project = "test";
export const topicOf = (name: string) => `projects/${project}/topics/${name}`;
export const subscriptionOf = (name: string) => `projects/${project}/subscriptions/${name}`;

export async function pubSubBinary(tell?: (line: string) => void): Promise<Binary> {
  return await goBinary(goPrograms.pubSub, tell);
}

/** Starts the server of Google's own tests (`pstest`) and waits until it answers. */
export async function startPubSub(settings: { readonly port?: number } = {}): Promise<PubSub> {
  const { path } = await pubSubBinary();
  if (path === undefined) throw new Error("pubsub is missing; see npm run peers:build");
  return await startServer("pubsub", settings.port, (port) => ({
    command: path,
    args: ["-address", `127.0.0.1:${port}`],
    environment: {},
  }));
}

/**
 * Google's emulator, which has redelivery, back-off and dead letters. It is a component of the Cloud SDK; no registry of packages has it, so
 * it is the one peer that cannot be brought along, and its suites are skipped by name where it is missing, with CI=true too. What they show
 * besides, the other server cannot.
 */
export function pubSubEmulator(): Binary {
  const path = join("/usr/lib/google-cloud-sdk", "platform/pubsub-emulator/bin/cloud-pubsub-emulator");
  const java = spawnSync("java", ["-version"]).status === 0;
  if (existsSync(path) && java) return { path, skip: false };
  return {
    path: undefined,
    skip: "Google's Pub/Sub emulator is missing: install google-cloud-cli-pubsub-emulator and Java 17",
  };
}

export async function startPubSubEmulator(settings: { readonly port?: number } = {}): Promise<PubSub> {
  const { path } = pubSubEmulator();
  if (path === undefined) throw new Error("Google's Pub/Sub emulator is missing");
  return await startServer("cloud-pubsub-emulator", settings.port, (port) => ({
    command: path,
    args: ["--host=127.0.0.1", `--port=${port}`],
    environment: { PATH: process.env["PATH"] ?? "" },
  }));
}

async function startServer(
  name: string,
  given: number | undefined,
  command: (port: number) => {
    readonly command: string;
    readonly args: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<PubSub> {
  const [port = 0] = given === undefined ? await freePorts(1) : [given];
  const host = `127.0.0.1:${port}`;
  const begin = () =>
    startProgram({
      name,
      ...command(port),
      folder: tmpdir(),
      async ready() {
        const probe = createPubSubConnection({ emulator: `http://${host}` });
        try {
          await probe.publisher.createTopic({ name: topicOf("ready") }, { timeoutMs: 5_000 });
          return true;
        } catch (error) {
          // A slow start may have answered nobody, and done it.
          return ConnectError.from(error).code === Code.AlreadyExists;
        } finally {
          probe.close();
        }
      },
    });
  let program = await begin();
  const connection = createPubSubConnection({ emulator: `http://${host}` });
  const { publisher, subscriber } = connection;
  return {
    host,
    pause: () => program.pause(),
    resume: () => program.resume(),
    async create(name, { ackSeconds = 10, deliveries, backOffSeconds } = {}) {
      const dead = `${name}-dead`;
      for (const topic of deliveries === undefined ? [name] : [name, dead]) {
        await publisher.createTopic({ name: topicOf(topic) });
      }
      if (deliveries !== undefined) {
        await subscriber.createSubscription({
          name: subscriptionOf(dead),
          topic: topicOf(dead),
          ackDeadlineSeconds: 10,
        });
      }
      await subscriber.createSubscription({
        name: subscriptionOf(name),
        topic: topicOf(name),
        ackDeadlineSeconds: ackSeconds,
        ...(deliveries !== undefined && {
          deadLetterPolicy: { deadLetterTopic: topicOf(dead), maxDeliveryAttempts: deliveries },
        }),
        ...(backOffSeconds && {
          retryPolicy: {
            minimumBackoff: { seconds: BigInt(backOffSeconds[0]) },
            maximumBackoff: { seconds: BigInt(backOffSeconds[1]) },
          },
        }),
      });
      return subscriptionOf(name);
    },
    async publish(topic, messages) {
      const sent = messages.map(({ attributes, data = new Uint8Array() }) => ({ attributes: { ...attributes }, data }));
      for (let from = 0; from < sent.length; from += 500) {
        await publisher.publish({ topic: topicOf(topic), messages: sent.slice(from, from + 500) });
      }
    },
    async drain(name) {
      const subscription = subscriptionOf(name);
      const { receivedMessages } = await subscriber.pull({ subscription, maxMessages: 1000 }, { timeoutMs: 2_000 });
      if (receivedMessages.length === 0) return [];
      await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => ackId) });
      return receivedMessages.flatMap(({ message }) => message ?? []);
    },
    async restart() {
      await program.kill();
      program = await begin();
    },
    async stop() {
      connection.close();
      await program.stop();
    },
  };
}
