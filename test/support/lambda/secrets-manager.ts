import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The credentials that containers get, and that signatures are checked with. */
export const localCredentials = {
  accessKeyId: "ASIALOCAL",
  secretAccessKey: "local-secret-access-key",
  sessionToken: "local-session-token",
} as const;

/** A stand-in for AWS Secrets Manager: `GetSecretValue` alone, its signature checked in full (Signature Version 4). */
export interface SecretsManager {
  readonly url: string;
  /** Secrets by name; change them to rotate. */
  readonly secrets: Map<string, string>;
  /** Requests answered so far, refused ones counted. */
  readonly asked: number;
  /** The next requests get this status, for as long as it is set. */
  failure: number | undefined;
  get(name: string): string | undefined;
  close(): Promise<void>;
}

export async function startSecretsManager(secrets: Readonly<Record<string, string>>): Promise<SecretsManager> {
  const held = new Map(Object.entries(secrets));
  let asked = 0;
  let failure: number | undefined;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString("utf8");
    asked++;
    const answer = (status: number, value: object) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(value));
    };
    if (failure !== undefined) return answer(failure, { __type: "InternalServiceError" });
    const fault = signatureFault(request, body);
    if (fault !== undefined) return answer(400, { __type: "InvalidSignatureException", message: fault });
    if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue") {
      return answer(400, { __type: "UnknownOperationException" });
    }
    const name = String((JSON.parse(body) as { SecretId?: unknown }).SecretId);
    const text = held.get(name);
    if (text === undefined) return answer(400, { __type: "com.amazonaws.secretsmanager#ResourceNotFoundException" });
    answer(200, { Name: name, SecretString: text, VersionStages: ["AWSCURRENT"] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    get failure() {
      return failure;
    },
    set failure(status) {
      failure = status;
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets: held,
    get asked() {
      return asked;
    },
    get: (name: string) => held.get(name),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Makes the signature again from what arrived; undefined where both agree.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signatureFault(request: IncomingMessage, body: string): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, key, date = "", region = "", service = "", names = "", signature] =
    pattern.exec(request.headers.authorization ?? "") ?? [];
  if (key !== localCredentials.accessKeyId) return "no Signature Version 4 of a known key";
  if (service !== "secretsmanager" || region !== "us-east-1") return `it is signed for ${service} in ${region}`;
  if (request.headers["x-amz-security-token"] !== localCredentials.sessionToken) return "the session token is wrong";
  const signed = names.split(";");
  for (const needed of ["host", "x-amz-date", "x-amz-security-token"]) {
    if (!signed.includes(needed)) return `${needed} is not signed`;
  }
  const time = String(request.headers["x-amz-date"]);
  const sent = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(Date.now() - sent) < 300_000)) return "the time is more than five minutes off";
  const canonical = [
    request.method,
    request.url,
    "",
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signingKey = [date, region, service, "aws4_request"].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${localCredentials.secretAccessKey}`),
  );
  return hmac(signingKey, toSign).toString("hex") === signature ? undefined : "the signature does not match";
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
