// `npm run peers`: the real servers on this machine, to try things by hand. See `npm run peers -- --help`.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createBucketClient } from "../test/peers/bucket-client.ts";
import { fakeGcsBinary, startFakeGcs } from "../test/peers/fake-gcs.ts";
import { otelCollectorBinary, weaviateTracing } from "../test/peers/otel-collector.ts";
import {
  pubSubBinary,
  pubSubEmulator,
  startPubSub,
  startPubSubEmulator,
  subscriptionOf,
  topicOf,
} from "../test/peers/pubsub.ts";
import { startWeaviate, weaviateBinary } from "../test/peers/weaviate.ts";
import { startTraceViewer, zipkinJar } from "../test/peers/zipkin.ts";
import { root } from "./run.ts";

const defaults = {
  http: "8080",
  grpc: "50051",
  gcs: "4443",
  pubsub: "8085",
  health: "8090",
  otlp: "4318",
  viewer: "9411",
};
const bucket = "documents";
const help = `Starts a Weaviate, a local Google Cloud Storage, a local Pub/Sub and a worker that follows the bucket "${bucket}", until Ctrl-C.

npm run peers -- [--nodes 1|3] [--http 8080] [--grpc 50051] [--gcs 4443] [--pubsub 8085] [--health 8090] [--emulator] [--no-worker] [--traces] [--json]
npm run peers -- upload <folder or file> gs://bucket/prefix/ [--gcs 4443]
npm run peers -- remove gs://bucket/name [--gcs 4443]

  --nodes      Weaviate as one node (default) or as three, replicated
  --health     port of the worker's /healthz and /readyz
  --emulator   Pub/Sub by Google's emulator, where the Cloud SDK has it: unlike the small server its dead letters and back-off are right
  --no-worker  the servers alone; start workers yourself: npm run ingest-worker
  --traces     a collector (--otlp 4318) and Zipkin (--viewer 9411) beside them, to look at traces in a browser; needs Java 17
  --json       the addresses and the key as JSON

A message that is given back five times goes to the dead letters. SIGUSR2 to this program restarts Pub/Sub, as a crash would: with all
that it held lost.

The data are gone when they stop. The first start builds the servers (about 5 minutes), once; that needs Go.

Example: npm run peers
         npm run peers -- upload ./docs gs://${bucket}/docs/
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", short: "h" },
    json: { type: "boolean" },
    nodes: { type: "string", default: "1" },
    http: { type: "string", default: defaults.http },
    grpc: { type: "string", default: defaults.grpc },
    gcs: { type: "string", default: defaults.gcs },
    pubsub: { type: "string", default: defaults.pubsub },
    health: { type: "string", default: defaults.health },
    emulator: { type: "boolean" },
    "no-worker": { type: "boolean" },
    traces: { type: "boolean" },
    otlp: { type: "string", default: defaults.otlp },
    viewer: { type: "string", default: defaults.viewer },
  },
});
const tell = (line: string) => process.stderr.write(`peers: ${line}\n`);
const [command = "start", ...operands] = positionals;

if (values.help === true) process.stdout.write(help);
else if (command === "start") await start();
else if (command === "upload") await upload(operands[0] ?? "", operands[1] ?? "");
else if (command === "remove") await remove(operands[0] ?? "");
else {
  process.stderr.write(help);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  // These alone: the tests have more peers, which take longer to build.
  await weaviateBinary(tell);
  await fakeGcsBinary(tell);
  const { path: emulator, skip } = pubSubEmulator();
  if (values.emulator !== true) await pubSubBinary(tell);
  else if (emulator === undefined) throw new Error(`${skip}`);
  if (values.traces === true) {
    for (const { skip } of [await otelCollectorBinary(tell), await zipkinJar(tell)])
      if (skip !== false) throw new Error(skip);
  }
  const nodes = values.nodes === "3" ? 3 : 1;
  const viewer =
    values.traces === true
      ? await startTraceViewer({ otlpPort: Number(values.otlp), viewerPort: Number(values.viewer) })
      : undefined;
  const [weaviate, pubSub] = await Promise.all([
    startWeaviate({
      nodes,
      ports: [Number(values.http), Number(values.grpc)],
      ...(viewer && { environment: weaviateTracing(viewer.grpc) }),
    }),
    (values.emulator === true ? startPubSubEmulator : startPubSub)({ port: Number(values.pubsub) }),
  ]);
  const gcs = await startFakeGcs({ port: Number(values.gcs), pubSubHost: pubSub.host });
  await gcs.createBucket(bucket);
  await pubSub.create(bucket, { deliveries: 5, backOffSeconds: [1, 10] });
  await gcs.notify(bucket, topicOf(bucket));
  const environment = {
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl,
    WEAVIATE_API_KEY: weaviate.keys.admin,
    ISTHMUS_REPLICATION_FACTOR: String(nodes),
    STORAGE_EMULATOR_HOST: gcs.url,
    PUBSUB_EMULATOR_HOST: pubSub.host,
    GCS_BUCKET_NAME: bucket,
    ISTHMUS_SUBSCRIPTION: subscriptionOf(bucket),
    ISTHMUS_TOPIC: topicOf(bucket),
    ISTHMUS_DEAD_LETTERS: subscriptionOf(`${bucket}-dead`),
    ...(viewer && {
      OTEL_EXPORTER_OTLP_ENDPOINT: viewer.otlp,
      ISTHMUS_TRACE_URL: `${viewer.url}/zipkin/traces/{trace_id}`,
    }),
  };
  const worker = values["no-worker"] === true ? undefined : startWorker(environment);
  if (values.json === true) process.stdout.write(`${JSON.stringify(environment)}\n`);
  else {
    const kind = nodes === 1 ? "one node" : "three nodes";
    const follower = worker === undefined ? "" : `, and a worker follows the bucket ${bucket}`;
    process.stdout.write(`Weaviate (${kind}), a local Google Cloud Storage and a local Pub/Sub run${follower}.\n`);
    process.stdout.write("In another terminal:\n\n");
    for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}='${value}'\n`);
    process.stdout.write(`
echo "The night watch hands its notes over at seven." > watch.md
curl --data-binary @watch.md -H "content-type: text/markdown" \\
  "${gcs.url}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=watch.md"
npx isthmus query "when are the notes handed over?" --store weaviate
curl -X DELETE ${gcs.url}/storage/v1/b/${bucket}/o/watch.md

${
  viewer === undefined
    ? ""
    : `npx isthmus trace gs://${bucket}/watch.md --store weaviate     # while it is there
Traces: ${viewer.url}/zipkin

`
}Ctrl-C stops all of them. kill -USR2 ${process.pid} restarts Pub/Sub with all it held lost${worker === undefined ? "" : `; kill -KILL ${worker.pid} ends the worker`}.

`);
  }
  process.on("SIGUSR2", () => {
    const restart = async () => {
      await pubSub.restart();
      await pubSub.create(bucket, { deliveries: 5, backOffSeconds: [1, 10] });
      tell("Pub/Sub was restarted, and what it held is lost");
    };
    restart().catch((error: unknown) => tell(`Pub/Sub could not be restarted: ${error}`));
  });
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  tell("stopping");
  if (worker !== undefined && worker.exitCode === null && worker.signalCode === null) {
    worker.kill("SIGTERM");
    await once(worker, "exit");
  }
  await Promise.all([weaviate.stop(), gcs.stop(), pubSub.stop(), viewer?.stop()]);
}

/** The worker as it runs in the cluster, from source; its log is ours. */
function startWorker(environment: Readonly<Record<string, string>>): ChildProcess {
  const program = join(root, "src/entry/ingest-worker.ts");
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    env: { ...process.env, OTEL_SERVICE_NAME: "ingest-worker", ...environment, HOST: "127.0.0.1", PORT: values.health },
    stdio: ["ignore", process.stderr, process.stderr],
    // Ctrl-C reaches the whole group; this one is stopped in its turn.
    detached: true,
  });
}

function bucketAndName(uri: string): [string, string] {
  const match = /^gs:\/\/([^/]+)\/?(.*)$/.exec(uri);
  if (match !== null) return [match[1] ?? "", match[2] ?? ""];
  throw new Error(`${JSON.stringify(uri)} is no gs://bucket/name`);
}

async function upload(place: string, uri: string): Promise<void> {
  const [bucket, prefix] = bucketAndName(uri);
  const client = createBucketClient(`http://127.0.0.1:${values.gcs}`);
  // A bucket that is there already is what we want.
  await client.createBucket(bucket).catch(() => {});
  const folder = statSync(place).isDirectory();
  const files = folder
    ? globSync("**/*", { cwd: place }).filter((name) => statSync(join(place, name)).isFile())
    : [basename(place)];
  for (const name of files) {
    const target = `${prefix}${prefix === "" || prefix.endsWith("/") ? name : folder ? `/${name}` : ""}`;
    const generation = await client.upload(bucket, target, readFileSync(folder ? join(place, name) : place));
    process.stdout.write(`gs://${bucket}/${target} (generation ${generation})\n`);
  }
}

async function remove(uri: string): Promise<void> {
  const [bucket, name] = bucketAndName(uri);
  await createBucketClient(`http://127.0.0.1:${values.gcs}`).remove(bucket, name);
  process.stdout.write(`removed ${uri}\n`);
}
