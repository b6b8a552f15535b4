import { IsthmusError } from "../core/errors.ts";
import { createReader, type Environment } from "./read.ts";

/** Settings of the query function, as parsed from its environment by `parseQueryFunction`. */
export interface QueryFunctionSettings {
  /** `WEAVIATE_URL` or `WEAVIATE_PUBLIC_URL`: where the store answers over HTTP. */
  readonly url: string;
  /** `WEAVIATE_GRPC_URL`: where it answers searches. */
  readonly grpcUrl: string;
  /** `WEAVIATE_CA_CERTIFICATE`: PEM of the authority that signed the store's certificate; undefined is the system's list. */
  readonly caCertificate: string | undefined;
  /** `ISTHMUS_WEAVIATE_SECRET_ID`: name or ARN of the secret with the reader's key; undefined asks without a key. */
  readonly secretId: string | undefined;
  /** `ISTHMUS_CORS_ORIGINS`, comma separated. */
  readonly corsOrigins: readonly string[];
  /** `ISTHMUS_RANGE_KEYS`, comma separated: metadata keys that filters may use in ranges. */
  readonly rangeKeys: readonly string[];
  /** What Lambda itself puts into the environment. */
  readonly platform: {
    readonly region: string;
    readonly extensionPort: number;
    readonly secretsManagerEndpoint: string | undefined;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string;
    };
  };
}

/** @throws `config_invalid` naming every fault at once. */
export function parseQueryFunction(environment: Environment): QueryFunctionSettings {
  const read = createReader(environment);
  const url = read.url(read.text("WEAVIATE_URL") === undefined ? "WEAVIATE_PUBLIC_URL" : "WEAVIATE_URL", undefined);
  const grpcUrl = read.url("WEAVIATE_GRPC_URL", undefined);
  const secretId = read.text("ISTHMUS_WEAVIATE_SECRET_ID");
  const region = read.text("AWS_REGION");
  if (url === undefined) read.faults.push("WEAVIATE_URL is not set; it is the address of Weaviate's HTTP port.");
  if (grpcUrl === undefined) read.faults.push("WEAVIATE_GRPC_URL is not set; it is the address of its gRPC port.");
  if (secretId !== undefined && region === undefined) read.faults.push("AWS_REGION is not set; Lambda sets it.");
  const settings: QueryFunctionSettings = {
    url: url ?? "",
    grpcUrl: grpcUrl ?? "",
    caCertificate: read.text("WEAVIATE_CA_CERTIFICATE"),
    secretId,
    corsOrigins: read.list("ISTHMUS_CORS_ORIGINS"),
    rangeKeys: read.list("ISTHMUS_RANGE_KEYS"),
    platform: {
      region: region ?? "",
      extensionPort: read.integer("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", 2773, 1, 65_535),
      secretsManagerEndpoint: read.url("AWS_ENDPOINT_URL_SECRETS_MANAGER", undefined),
      credentials: {
        accessKeyId: read.text("AWS_ACCESS_KEY_ID") ?? "",
        secretAccessKey: read.text("AWS_SECRET_ACCESS_KEY") ?? "",
        sessionToken: read.text("AWS_SESSION_TOKEN") ?? "",
      },
    },
  };
  if (read.faults.length === 0) return settings;
  throw new IsthmusError("config_invalid", ["The configuration is wrong:", ...read.faults].join("\n  - "));
}
