import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { localCredentials } from "./secrets-manager.ts";

/** A stand-in for the AWS Parameters and Secrets Lambda extension: serves secrets on a port of the container's host. */
export interface SecretsExtension {
  readonly port: number;
  /** While false it answers as the real one does before INIT is over: 400, not ready to serve traffic. */
  ready: boolean;
  /** Requests answered so far, by what they got. */
  readonly answers: readonly ("served" | "not ready" | "refused" | "missing")[];
  close(): Promise<void>;
}

/**
 * @param read asks Secrets Manager. What it gives is kept for good: the real cache lasts for five minutes, longer than any
 *   test, and serves the old key after a rotation.
 */
export async function startSecretsExtension(read: (name: string) => string | undefined): Promise<SecretsExtension> {
  const cache = new Map<string, string>();
  const answers: SecretsExtension["answers"][number][] = [];
  const extension = { ready: true };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const answer = (status: number, text: string, kind: (typeof answers)[number]) => {
      answers.push(kind);
      response.writeHead(status, { "content-type": status === 200 ? "application/json" : "text/plain" }).end(text);
    };
    if (!extension.ready) return answer(400, "not ready to serve traffic, please wait", "not ready");
    if (request.headers["x-aws-parameters-secrets-token"] !== localCredentials.sessionToken) {
      return answer(401, "unauthorized", "refused");
    }
    const name = url.searchParams.get("secretId") ?? "";
    const text = cache.get(name) ?? (url.pathname === "/secretsmanager/get" ? read(name) : undefined);
    if (text === undefined) return answer(400, "an error occurred while reading from Secrets Manager", "missing");
    cache.set(name, text);
    answer(200, JSON.stringify({ Name: name, SecretString: text }), "served");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(extension, {
    port: (server.address() as AddressInfo).port,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
