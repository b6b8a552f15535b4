import { join } from "node:path";
import { root } from "../../../scripts/run.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../../peers/weaviate.ts";
import { type Container, type ContainerSettings, startContainer } from "./container.ts";
import { createLocalFunction, type LocalFunction } from "./function.ts";
import { type Gateway, type GatewaySettings, startGateway } from "./gateway.ts";
import { ingestFolder, localWeaviate } from "./ingest.ts";
import { type PackagedFunction, packageAndUnpack } from "./packaged.ts";
import { type SecretsExtension, startSecretsExtension } from "./secrets-extension.ts";
import { type SecretsManager, startSecretsManager } from "./secrets-manager.ts";

export const secretName = "isthmus/local/weaviate-api-key";
export const corsOrigin = "https://console.example.org";
export const gatewayKey = "local-gateway-key";

/** Everything that the query function lives among: the package, Weaviate with documents, the secrets, all real or local. */
export interface Deployment {
  readonly packaged: PackagedFunction;
  readonly weaviate: Weaviate;
  readonly manager: SecretsManager;
  readonly extension: SecretsExtension;
  /** The environment of the function, as infra/serverless.yml sets it. */
  readonly environment: Readonly<Record<string, string>>;
  container(settings?: Partial<ContainerSettings>): Promise<Container>;
  deployed(reserved: number, settings?: Partial<ContainerSettings>): LocalFunction;
  gateway(target: Pick<LocalFunction, "invoke">, settings?: Partial<GatewaySettings>): Promise<Gateway>;
  stop(): Promise<void>;
}

/**
 * Why there can be none here, as the reason of a skip; false where there can.
 *
 * @param tell told before Weaviate is built, which takes minutes.
 */
export async function deploymentSkip(tell?: (line: string) => void): Promise<string | false> {
  if (process.platform !== "linux") return "the package's binaries are for Linux";
  return (await weaviateBinary(tell)).skip;
}

/**
 * @param documents a folder to ingest; default this project's own docs.
 * @param makePackage a test may let it fail.
 */
export async function startDeployment(
  documents = join(root, "docs"),
  makePackage: () => Promise<PackagedFunction> = () => packageAndUnpack(),
): Promise<Deployment> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const starting = [
      startWeaviate().then((server) => {
        closing.push(server.stop);
        return server;
      }),
      makePackage().then((made) => {
        closing.push(made.remove);
        return made;
      }),
    ] as const;
    // Where one fails, the other one is waited for, and closed like everything that has started.
    await Promise.allSettled(starting);
    const [weaviate, packaged] = await Promise.all(starting);
    await ingestFolder(documents, localWeaviate(weaviate, weaviate.keys.writer));
    const manager = await startSecretsManager({ [secretName]: weaviate.keys.reader });
    closing.push(manager.close);
    const extension = await startSecretsExtension((name) => manager.get(name));
    closing.push(extension.close);
    const environment = {
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      ISTHMUS_WEAVIATE_SECRET_ID: secretName,
      ISTHMUS_CORS_ORIGINS: corsOrigin,
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    };
    const settingsWith = (settings: Partial<ContainerSettings>): ContainerSettings => ({
      folder: packaged.folder,
      ...settings,
      environment: { ...environment, ...settings.environment },
    });
    return {
      packaged,
      weaviate,
      manager,
      extension,
      environment,
      async container(settings = {}) {
        const container = await startContainer(settingsWith(settings));
        closing.push(container.stop);
        return container;
      },
      deployed(reserved, settings = {}) {
        const deployed = createLocalFunction(settingsWith(settings), reserved);
        closing.push(deployed.stop);
        return deployed;
      },
      async gateway(target, settings = {}) {
        const gateway = await startGateway({
          function: target,
          apiKeys: [gatewayKey],
          corsOrigins: [corsOrigin],
          ...settings,
        });
        closing.push(gateway.close);
        return gateway;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: the body is whatever was answered; tests look at its fields.
  readonly json: any;
}

/** One event to a container, as the gateway would send it, and its answer. */
export async function send(container: Pick<Container, "invoke">, event: object): Promise<Answer> {
  const end = await container.invoke({
    httpMethod: "POST",
    path: "/query",
    headers: { "content-type": "application/json", origin: corsOrigin },
    ...event,
  });
  if (end.kind === "error") throw new Error(`${end.errorType}: ${end.errorMessage}`);
  if (end.kind !== "response") throw new Error(`a ${end.kind} of ${end.contentType}`);
  const { statusCode, headers, body } = end.payload as {
    readonly statusCode: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
  return { status: statusCode, headers, json: JSON.parse(body || "null") };
}

export const ask = (container: Pick<Container, "invoke">, query = "How is a document deleted?", more: object = {}) =>
  send(container, { body: JSON.stringify({ query, ...more }) });
