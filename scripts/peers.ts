// `npm run peers`: the real servers on this machine, to try things by hand. See `npm run peers -- --help`.
import { globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createBucketClient } from "../test/peers/bucket-client.ts";
import { fakeGcsBinary, startFakeGcs } from "../test/peers/fake-gcs.ts";
import { startWeaviate, weaviateBinary } from "../test/peers/weaviate.ts";

const defaults = { http: "8080", grpc: "50051", gcs: "4443" };
const help = `Starts a Weaviate and a local Google Cloud Storage on this machine, until Ctrl-C.

npm run peers -- [--nodes 1|3] [--http 8080] [--grpc 50051] [--gcs 4443] [--json]
npm run peers -- upload <folder or file> gs://bucket/prefix/ [--gcs 4443]
npm run peers -- remove gs://bucket/name [--gcs 4443]

  --nodes   Weaviate as one node (default) or as three, replicated
  --json    the addresses and the key as JSON

The data are gone when they stop. The first start builds both servers (about 8 minutes), once; that needs Go.

Example: npm run peers
         npm run peers -- upload ./docs gs://documents/docs/
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
  // These two alone: the tests have more peers, which take longer to build.
  await weaviateBinary(tell);
  await fakeGcsBinary(tell);
  const nodes = values.nodes === "3" ? 3 : 1;
  const [weaviate, gcs] = await Promise.all([
    startWeaviate({ nodes, ports: [Number(values.http), Number(values.grpc)] }),
    startFakeGcs({ port: Number(values.gcs) }),
  ]);
  const environment = {
    WEAVIATE_URL: weaviate.url,
    WEAVIATE_GRPC_URL: weaviate.grpcUrl,
    WEAVIATE_API_KEY: weaviate.keys.admin,
    ISTHMUS_REPLICATION_FACTOR: String(nodes),
    STORAGE_EMULATOR_HOST: gcs.url,
  };
  if (values.json === true) process.stdout.write(`${JSON.stringify(environment)}\n`);
  else {
    process.stdout.write(
      `Weaviate (${nodes === 1 ? "one node" : "three nodes"}) and a local Google Cloud Storage run.\n`,
    );
    process.stdout.write("In another terminal:\n\n");
    for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}=${value}\n`);
    process.stdout.write("\nnpm run peers -- upload ./docs gs://documents/docs/\n");
    process.stdout.write("npx isthmus ingest gs://documents/docs/ --store weaviate\n");
    process.stdout.write('npx isthmus query "how long are backups kept?" --store weaviate\n\nCtrl-C stops both.\n');
  }
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  tell("stopping");
  await Promise.all([weaviate.stop(), gcs.stop()]);
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
