import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { z } from "zod";
import { openIngestEngine } from "../../src/compose/ingest-engine.ts";
import { openRuntime } from "../../src/compose/runtime.ts";
import { openSource } from "../../src/compose/source.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { serve } from "../../src/entry/commands/serving.ts";
import type { Output } from "../../src/entry/terminal/output.ts";
import { answerResponse } from "../../src/http/schemas/answer.ts";
import { createWorkspace } from "./workspace.ts";

export type WholeAnswer = z.infer<typeof answerResponse>;

export interface Server {
  readonly url: string;
  /** What the server told its operator. */
  readonly notes: readonly string[];
  post(
    question: string,
    options?: { readonly stream?: boolean; readonly key?: string; readonly signal?: AbortSignal },
  ): Promise<Response>;
  /** A whole answer, which must come. */
  ask(question: string): Promise<WholeAnswer>;
  close(): Promise<void>;
}

/** The real thing over documents in a folder: model, store and servers. */
export interface Answering {
  /** A server as `isthmus serve` starts it, by the same variables. */
  serve(environment: Readonly<Record<string, string>>): Promise<Server>;
  close(): Promise<void>;
}

export async function openAnswering(documents: Readonly<Record<string, string>>): Promise<Answering> {
  const workspace = createWorkspace();
  const base = { ISTHMUS_DATA_DIR: workspace.data, ISTHMUS_WORKERS: "1", PORT: "0" };
  for (const [name, text] of Object.entries(documents)) {
    const path = join(workspace.documents, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const runtime = await openRuntime(parseSettings(base));
  const engine = await openIngestEngine(runtime);
  const source = await openSource(workspace.documents, runtime.settings);
  const summary = await engine.ingest(source);
  await source.close();
  await engine.close();
  assert.equal(summary.failed, 0);
  const servers: Server[] = [];
  return {
    async serve(environment) {
      const notes: string[] = [];
      const output: Output = {
        json: false,
        line() {},
        note: (text) => void notes.push(text),
        data() {},
        style: (_, text) => text,
      };
      const serving = await serve({ ...runtime, settings: parseSettings({ ...base, ...environment }) }, output);
      const server: Server = {
        url: serving.url,
        notes,
        async post(question, { stream = false, key, signal } = {}) {
          const request = {
            method: "POST",
            headers: {
              "content-type": "application/json",
              ...(stream && { accept: "text/event-stream" }),
              ...(key !== undefined && { "x-api-key": key }),
            },
            body: JSON.stringify({ question }),
            ...(signal && { signal }),
          };
          let response = await fetch(`${serving.url}/answer`, request);
          // A search has 15 s, and a machine that is busy with others may need more.
          for (let again = 0; response.status === 504 && again < 20; again++) {
            response = await fetch(`${serving.url}/answer`, request);
          }
          return response;
        },
        async ask(question) {
          const response = await server.post(question);
          const body: unknown = await response.json();
          assert.equal(response.status, 200, JSON.stringify(body));
          return answerResponse.parse(body);
        },
        close: () => serving.close(),
      };
      servers.push(server);
      return server;
    },
    async close() {
      for (const server of servers) await server.close();
      await runtime.close();
      workspace.remove();
    },
  };
}
