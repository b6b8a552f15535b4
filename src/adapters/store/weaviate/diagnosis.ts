import { lookup } from "node:dns/promises";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { toIsthmusError } from "../../../core/errors.ts";
import { retrying } from "../../../core/retry.ts";
import type { ModelIdentity } from "../../../core/types.ts";
import { checkCollections } from "./collections.ts";
import { type Connection, createConnection } from "./connection.ts";
import { createManifest } from "./manifest.ts";
import type { WeaviateSettings } from "./settings.ts";

/** One step on the way to an answer, in the order in which one needs another. */
export interface WeaviateFinding {
  readonly check: "dns" | "tcp" | "tls" | "http" | "key" | "role" | "grpc" | "schema" | "index";
  readonly level: "ok" | "warning" | "error";
  readonly found: string;
}

const patienceMs = 5_000;

/** Walks the way to a Weaviate step by step, and stops at the first that does not go. */
export async function* diagnoseWeaviate(
  settings: WeaviateSettings,
  identity: ModelIdentity,
): AsyncGenerator<WeaviateFinding> {
  const connection = createConnection({ ...settings, timeoutMs: patienceMs }, "read");
  const steps: readonly (readonly [WeaviateFinding["check"], () => Promise<string | undefined>])[] = [
    ["dns", () => resolveNames(settings)],
    ["tcp", () => reachPorts(settings)],
    ["tls", () => checkCertificates(settings)],
    ["http", () => checkReady(connection)],
    ["key", () => checkKey(connection)],
    ["role", () => describeRole(connection)],
    ["grpc", () => checkGrpc(connection)],
    ["schema", () => checkSchema(connection, settings, identity)],
    ["index", () => countDocuments(connection, settings)],
  ];
  try {
    for (const [check, look] of steps) {
      try {
        const found = await look();
        if (found !== undefined) yield { check, level: "ok", found };
      } catch (thrown) {
        const error = toIsthmusError(thrown);
        // A collection that does not exist yet is how every installation begins.
        yield { check, level: error.code === "store_missing" ? "warning" : "error", found: error.message };
        return;
      }
    }
  } finally {
    connection.close();
  }
}

function addresses(settings: WeaviateSettings): URL[] {
  return [new URL(settings.url), new URL(settings.grpcUrl)];
}

function portOf(address: URL): number {
  return address.port === "" ? (address.protocol === "https:" ? 443 : 80) : Number(address.port);
}

function hostOf(address: URL): string {
  return address.hostname.replace(/^\[(.*)\]$/, "$1");
}

async function resolveNames(settings: WeaviateSettings): Promise<string> {
  const names = [...new Set(addresses(settings).map(hostOf))];
  const found = names.map(async (name) => {
    try {
      const answers = await lookup(name, { all: true });
      return `${name} is ${answers.map(({ address }) => address).join(", ")}`;
    } catch (error) {
      throw new Error(`the name ${name} has no address (${codeOf(error)}): check the host name, and the private zone`);
    }
  });
  return (await Promise.all(found)).join("; ");
}

async function reachPorts(settings: WeaviateSettings): Promise<string> {
  const reached = addresses(settings).map(async (address) => {
    const place = `${hostOf(address)}:${portOf(address)}`;
    const reason = await new Promise<string | undefined>((resolve) => {
      const socket = connectTcp({ host: hostOf(address), port: portOf(address), timeout: patienceMs });
      const end = (why: string | undefined) => {
        socket.destroy();
        resolve(why);
      };
      socket.on("connect", () => end(undefined));
      socket.on("timeout", () => end("no answer in 5 s: check the route, the tunnel and the firewall"));
      socket.on("error", (error) => end(`${codeOf(error)}: check the port, and that the server runs`));
    });
    if (reason !== undefined) throw new Error(`${place} cannot be reached (${reason})`);
    return place;
  });
  return `${(await Promise.all(reached)).join(" and ")} take connections`;
}

async function checkCertificates(settings: WeaviateSettings): Promise<string | undefined> {
  const secure = addresses(settings).filter(({ protocol }) => protocol === "https:");
  if (secure.length === 0) return undefined;
  const checked = secure.map(async (address) => {
    const place = `${hostOf(address)}:${portOf(address)}`;
    const ca = settings.caCertificate === undefined ? {} : { ca: settings.caCertificate };
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const opened = connectTls(
        {
          host: hostOf(address),
          port: portOf(address),
          servername: hostOf(address),
          ALPNProtocols: ["h2", "http/1.1"],
          ...ca,
        },
        () => resolve(opened),
      );
      opened.setTimeout(patienceMs, () => opened.destroy(new Error("no answer in 5 s")));
      opened.on("error", (error) =>
        reject(new Error(`the certificate of ${place} is not trusted (${error.message}): check WEAVIATE_CA_FILE`)),
      );
    });
    const { valid_to: until } = socket.getPeerCertificate();
    socket.destroy();
    return `${place} until ${until}`;
  });
  return `certificates hold: ${(await Promise.all(checked)).join("; ")}`;
}

async function checkReady(connection: Connection): Promise<string> {
  const answer = await connection.http.send("GET", "/v1/.well-known/ready");
  if (answer.status !== 200) throw new Error(`the server answers, and is not ready (status ${answer.status})`);
  return "the server is ready";
}

async function checkKey(connection: Connection): Promise<string> {
  const answer = await connection.http.send("GET", "/v1/meta");
  const version = (answer.body as { version?: string } | undefined)?.version;
  if (typeof version !== "string")
    throw new Error("this is not a Weaviate: /v1/meta has no version. Check WEAVIATE_URL");
  return `accepted by Weaviate ${version}`;
}

async function describeRole(connection: Connection): Promise<string> {
  const answer = await connection.http.send("GET", "/v1/users/own-info");
  const body = answer.body as { username?: string; roles?: readonly { name?: string }[] } | undefined;
  const roles = (body?.roles ?? []).map(({ name }) => name).filter((name) => name !== undefined);
  const who = body?.username ?? "unknown";
  return roles.length > 0 ? `user ${who}, roles ${roles.join(", ")}` : `user ${who}; the server names no roles`;
}

async function checkGrpc(connection: Connection): Promise<string> {
  // A collection that cannot exist: what counts is that the server itself says so.
  try {
    await connection.call((client, options) =>
      client.search({ collection: "IsthmusDoctor", limit: 1, uses127Api: true }, options),
    );
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    // The server knows no such collection, or a role may not even ask: either way it was its gRPC that answered.
    const answered = /could not find class/i.test(error.message) || error.message.includes("(403)");
    if (!answered) throw error;
  }
  return "searches are answered";
}

async function checkSchema(
  connection: Connection,
  settings: WeaviateSettings,
  identity: ModelIdentity,
): Promise<string> {
  await checkCollections(connection.http, settings, identity);
  return `collection ${settings.collection} was made for ${identity.model}, ${identity.dimensions} dimensions`;
}

async function countDocuments(connection: Connection, settings: WeaviateSettings): Promise<string> {
  // A connection that broke once is not what somebody asks the doctor for: the store's readers ask again as well.
  const manifest = createManifest(connection, settings);
  const { documents, chunks, failed } = await retrying(() => manifest.count(""), { attempts: 4, baseMs: 100 });
  return `${documents} documents, ${chunks} chunks${failed > 0 ? `, ${failed} failed (isthmus status --failed lists them)` : ""}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
