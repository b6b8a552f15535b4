import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lambdaPlaces } from "../../scripts/bundle/lambda.ts";
import type { Place } from "../cluster/place.ts";
import { at } from "../infra/manifests.ts";
import type { Edge } from "../pipeline/edge/edge.ts";
import { createLocalFunction, type LocalFunction } from "../support/lambda/function.ts";
import { type Gateway, startGateway } from "../support/lambda/gateway.ts";
import { ownArchitecture } from "../support/lambda/packaged.ts";
import { startSecretsExtension } from "../support/lambda/secrets-extension.ts";
import { startSecretsManager } from "../support/lambda/secrets-manager.ts";
import { unzip } from "../support/lambda/unzip.ts";

const gatewayKey = "rehearsal-canary-gateway-key";
const secretId = "isthmus/dev/weaviate-api-key";

const handlers = { query: "lambda.handler", answer: "lambda-answer.handler" } as const;
type Name = keyof typeof handlers;

/** The gateway stands from the start; what answers behind it is the newest deployment of both functions. */
export async function serveFunction(edge: Edge, { cluster, weaviate }: Place) {
  const current = new Map<Name, LocalFunction>();
  const invoke =
    (name: Name): LocalFunction["invoke"] =>
    (event, onPiece) => {
      const deployed = current.get(name);
      if (deployed === undefined) throw new Error("no function was deployed");
      return deployed.invoke(event, onPiece);
    };
  const gateway: Gateway = await startGateway({
    function: { invoke: invoke("query") },
    answer: { invoke: invoke("answer") },
    apiKeys: [gatewayKey],
  });
  const closing: (() => Promise<unknown>)[] = [gateway.close];
  const first = { versions: ["1"], live: "1" };
  edge.put("function.json", JSON.stringify({ query: first, answer: first, url: gateway.url, key: gatewayKey }));
  return {
    async deploy() {
      const { body } = await cluster.send("GET", "/api/v1/namespaces/isthmus/secrets/weaviate-secrets");
      const key = Buffer.from(`${at(body, "data.reader-key")}`, "base64").toString();
      const manager = await startSecretsManager({ [secretId]: key });
      closing.push(manager.close);
      const extension = await startSecretsExtension((name) => manager.get(name));
      closing.push(extension.close);
      for (const name of Object.keys(handlers) as Name[]) {
        const folder = join(edge.folder, `function-${name}`);
        rmSync(folder, { recursive: true, force: true });
        await unzip(lambdaPlaces(ownArchitecture, name).zip, folder);
        const deployed = createLocalFunction(
          {
            folder,
            handler: handlers[name],
            environment: {
              // Over the internal load balancer, from the function's subnet.
              WEAVIATE_URL: weaviate.url,
              WEAVIATE_GRPC_URL: weaviate.grpcUrl,
              WEAVIATE_CA_CERTIFICATE: readFileSync(weaviate.authorityFile, "utf8"),
              ISTHMUS_WEAVIATE_SECRET_ID: secretId,
              PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
              AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
            },
          },
          2,
        );
        current.set(name, deployed);
        closing.push(deployed.stop);
      }
    },
    async stop() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}
