import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TinyModel } from "./tiny-model.ts";

export const HUB_COMMIT = "1234567890abcdef1234567890abcdef12345678";

/** What the hub was asked, as a test looks at it. */
export interface HubRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface ModelHub {
  readonly url: string;
  readonly requests: readonly HubRequest[];
  /** Called before an answer; returns true when it has answered by itself. */
  intercept: (request: IncomingMessage, response: ServerResponse, content: Buffer | undefined) => boolean;
  close(): Promise<void>;
}

/** A Hugging Face hub on a free port of this machine with one model, `tiny/model`, at one commit. */
export async function startModelHub({ files }: TinyModel): Promise<ModelHub> {
  const requests: HubRequest[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://hub").pathname);
    requests.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    const content = files.get(path.replace(`/tiny/model/resolve/${HUB_COMMIT}/`, ""));
    if (hub.intercept(request, response, content)) return;
    if (path === "/api/models/tiny/model/revision/main") sendJson(response, repository(files));
    else if (content === undefined) response.writeHead(404).end();
    else sendContent(request, response, content);
  });
  const hub: ModelHub = {
    url: await listen(server),
    requests,
    intercept: () => false,
    close: () => stop(server),
  };
  return hub;
}

/** Answers with the bytes, or with those that a Range header asks for. */
export function sendContent(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { "content-length": content.length - start, ...range });
  response.end(content.subarray(start));
}

/** @returns the base URL on a free port. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** The ONNX file is a large file with a SHA-256, the others are git blobs, as on the hub. */
function repository(files: TinyModel["files"]): object {
  const siblings = [...files].map(([rfilename, content]) => ({
    rfilename,
    size: content.length,
    blobId: createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
    ...(rfilename.endsWith(".onnx") && {
      lfs: { sha256: createHash("sha256").update(content).digest("hex"), size: content.length, pointerSize: 130 },
    }),
  }));
  return {
    id: "tiny/model",
    sha: HUB_COMMIT,
    siblings: [...siblings, { rfilename: "README.md", size: 4, blobId: "0" }],
  };
}
