import { IsthmusError } from "../core/errors.ts";
import { createReader, type Environment, type SettingsReader } from "./read.ts";
import { parseTelemetry, type TelemetrySettings } from "./telemetry.ts";
import { parseWeaviate, queryUrlNames, type WeaviateAccess } from "./weaviate.ts";

/** Settings of the query function, as parsed from its environment by `parseQueryFunction`. */
export interface QueryFunctionSettings {
  /** As everywhere; the certificate of its authority may also be given by value, as `WEAVIATE_CA_CERTIFICATE` (PEM). */
  readonly weaviate: WeaviateAccess;
  /** `ISTHMUS_WEAVIATE_SECRET_ID`: name or ARN of the secret with the reader's key. Without it the key is `weaviate`'s. */
  readonly secretId: string | undefined;
  /** `ISTHMUS_CORS_ORIGINS`, comma separated. */
  readonly corsOrigins: readonly string[];
  /** `ISTHMUS_RANGE_KEYS`, comma separated: metadata keys that filters may use in ranges. */
  readonly rangeKeys: readonly string[];
  readonly platform: PlatformSettings;
  readonly telemetry: TelemetrySettings | undefined;
}

/** What Lambda itself puts into the environment, under AWS's own names. */
export interface PlatformSettings {
  readonly region: string;
  /** `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`, default 2773. */
  readonly extensionPort: number;
  /** `AWS_ENDPOINT_URL_SECRETS_MANAGER`, where it is not the region's usual one. */
  readonly secretsManagerEndpoint: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

/** @throws `config_invalid` naming every fault at once. */
export function parseQueryFunction(environment: Environment): QueryFunctionSettings {
  return parseFunction(environment, () => ({}));
}

/** The same with what another function reads beside it. @throws `config_invalid` naming every fault at once. */
export function parseFunction<More>(
  environment: Environment,
  more: (read: SettingsReader) => More,
): QueryFunctionSettings & More {
  const read = createReader(environment);
  const weaviate = parseWeaviate(read, queryUrlNames);
  const secretId = read.text("ISTHMUS_WEAVIATE_SECRET_ID");
  const region = read.text("AWS_REGION");
  if (secretId !== undefined && region === undefined) {
    read.faults.push("ISTHMUS_WEAVIATE_SECRET_ID is set, but AWS_REGION is not; Lambda sets it.");
  }
  const settings = {
    ...more(read),
    weaviate: { ...weaviate, caCertificate: read.text("WEAVIATE_CA_CERTIFICATE") ?? weaviate.caCertificate },
    secretId,
    corsOrigins: read.list("ISTHMUS_CORS_ORIGINS"),
    rangeKeys: read.list("ISTHMUS_RANGE_KEYS"),
    telemetry: parseTelemetry(read),
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
