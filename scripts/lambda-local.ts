// `npm run lambda:local`: the packaged functions behind a local API Gateway, for trying it with curl.
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createReader } from "../src/config/read.ts";
import { parseWeaviate, queryUrlNames } from "../src/config/weaviate.ts";
import { startWeaviate, weaviateBinary } from "../test/peers/weaviate.ts";
import { secretName } from "../test/support/lambda/deployment.ts";
import { createLocalFunction } from "../test/support/lambda/function.ts";
import { startGateway } from "../test/support/lambda/gateway.ts";
import { ingestFolder, localWeaviate } from "../test/support/lambda/ingest.ts";
import { ownArchitecture, packageAndUnpack } from "../test/support/lambda/packaged.ts";
import { startSecretsExtension } from "../test/support/lambda/secrets-extension.ts";
import { startSecretsManager } from "../test/support/lambda/secrets-manager.ts";
import { root } from "./run.ts";

const usage = `npm run lambda:local [-- --port N] [--json]

Packages the functions query and answer, starts them as Lambda does, and serves them and the console behind a local API Gateway. What is set of
ISTHMUS_GENERATOR and its like goes to the function answer.

With WEAVIATE_URL (and WEAVIATE_GRPC_URL, WEAVIATE_API_KEY) it searches what is there. Without, it starts a Weaviate of its own
and ingests this project's docs/; the first time that builds Weaviate with Go (go.dev/dl), in about six minutes.

  --port N   port of the gateway (PORT, default 3001; 0 picks a free one)
  --json     print the address and the key as one line of JSON
  ISTHMUS_API_KEYS   keys that the gateway takes, comma separated (default: local-key)

Example: npm run lambda:local -- --port 8080`;

/** What the gateway and the function may use at once: the reserved concurrency of a small machine. */
const reserved = 4;
const corsOrigins = ["http://localhost:3000"];

type Closing = (() => Promise<unknown>)[];

const tell = (line: string) => void process.stderr.write(`${line}\n`);

interface Place {
  readonly url: string;
  readonly grpcUrl: string;
  readonly key: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

interface Options {
  readonly port?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Starts everything, in its order; what is to be stopped is added to `closing`. */
async function serve(values: Options, closing: Closing): Promise<void> {
  if (process.platform !== "linux")
    throw new Error("the package's binaries are for Linux; run it there, or in a container.");
  const read = createReader({ ...process.env, ...(values.port !== undefined && { PORT: values.port }) });
  const port = read.integer("PORT", 3001, 0, 65_535);
  const given = process.env["WEAVIATE_URL"] ?? process.env["WEAVIATE_PUBLIC_URL"];
  const weaviate = given === undefined ? undefined : givenPlace(read);
  if (read.faults.length > 0) throw new Error(read.faults.join("\n  - "));

  tell("Packaging the functions…");
  const packaged = await packageAndUnpack();
  closing.push(packaged.remove);
  const answering = await packageAndUnpack(ownArchitecture, "answer");
  closing.push(answering.remove);
  const place = weaviate ?? (await ownPlace(closing));
  const manager = await startSecretsManager(place.key === undefined ? {} : { [secretName]: place.key });
  closing.push(manager.close);
  const extension = await startSecretsExtension((name) => manager.get(name));
  closing.push(extension.close);
  const environment = {
    ...place.environment,
    WEAVIATE_URL: place.url,
    WEAVIATE_GRPC_URL: place.grpcUrl,
    ISTHMUS_CORS_ORIGINS: corsOrigins.join(","),
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    ...(place.key !== undefined && { ISTHMUS_WEAVIATE_SECRET_ID: secretName }),
  };
  const onLog = (text: string) => void process.stderr.write(text);
  const deployed = createLocalFunction({ folder: packaged.folder, environment, onLog }, reserved);
  closing.push(deployed.stop);
  const answer = createLocalFunction(
    {
      folder: answering.folder,
      handler: "lambda-answer.handler",
      environment: { ...environment, ...generatorSettings() },
      onLog,
    },
    reserved,
  );
  closing.push(answer.stop);
  const apiKeys = (process.env["ISTHMUS_API_KEYS"] ?? "local-key").split(",").map((key) => key.trim());
  const gateway = await startGateway({ function: deployed, answer, apiKeys, corsOrigins, port }).catch(
    (error: Error) => {
      throw new Error(`port ${port} cannot be had (${error.message}); choose another with --port.`);
    },
  );
  closing.push(gateway.close);
  if (values.json === true) process.stdout.write(`${JSON.stringify({ url: gateway.url, api_key: apiKeys[0] })}\n`);
  else process.stdout.write(invitation(gateway.url, apiKeys[0] ?? ""));
}

function invitation(url: string, key: string): string {
  return `
The functions answer behind ${url} (Ctrl-C stops). The console is at ${url}/ in a browser; its key is ${key}. Try:

  curl -s ${url}/query -H 'x-api-key: ${key}' -H 'content-type: application/json' \\
    -d '{"query": "how is a document deleted?", "k": 1}'

  curl -sN ${url}/answer -H 'x-api-key: ${key}' -H 'content-type: application/json' -H 'accept: text/event-stream' \\
    -d '{"question": "how long are backups kept?"}'

`;
}

/** What names a language model and bounds it. */
function generatorSettings(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith("ISTHMUS_GENERATOR") && value !== undefined ? [[name, value] as const] : [],
  );
  return Object.fromEntries(set);
}

/** The Weaviate that the environment names. */
function givenPlace(read: ReturnType<typeof createReader>): Place {
  const { url, grpcUrl, apiKey, caCertificate, collection } = parseWeaviate(read, queryUrlNames);
  const environment = {
    ISTHMUS_COLLECTION: collection,
    ...(caCertificate !== undefined && { WEAVIATE_CA_CERTIFICATE: caCertificate }),
  };
  return { url, grpcUrl, key: apiKey, environment };
}

/** A Weaviate of one node with this project's documents, gone with this process. */
async function ownPlace(closing: Closing): Promise<Place> {
  const { skip } = await weaviateBinary(tell);
  if (skip !== false)
    throw new Error(`${skip}\nOr set WEAVIATE_URL, WEAVIATE_GRPC_URL and WEAVIATE_API_KEY to a Weaviate that runs.`);
  tell("Starting Weaviate…");
  const weaviate = await startWeaviate();
  closing.push(weaviate.stop);
  tell("Ingesting docs/…");
  const { added, chunks } = await ingestFolder(join(root, "docs"), localWeaviate(weaviate, weaviate.keys.writer));
  tell(`${added} documents, ${chunks} chunks.`);
  return { url: weaviate.url, grpcUrl: weaviate.grpcUrl, key: weaviate.keys.reader, environment: {} };
}

async function stopAll(closing: Closing): Promise<void> {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { port: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const closing: Closing = [];
  const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]).then(() => "stopped" as const);
  const serving = serve(values, closing);
  try {
    if ((await Promise.race([serving, stopped])) !== "stopped") await stopped;
    return 0;
  } finally {
    await stopAll(closing);
    // Stopped in the midst of starting: what has just started is stopped too.
    await serving.catch(() => {});
    await stopAll(closing);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run lambda:local: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
