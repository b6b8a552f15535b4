import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { FunctionContext } from "./function.ts";

/** What Lambda's runtime for Node hands a streaming handler. */
export type ResponseStream = Writable;

type StreamingHandler = (event: unknown, output: ResponseStream, context: FunctionContext) => Promise<void>;

/**
 * What the runtime puts into the global scope:
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
interface LambdaGlobal {
  streamifyResponse(handler: StreamingHandler): unknown;
  readonly HttpResponseStream: {
    /** A stream whose first write sends status and headers ahead, in the form that the gateway takes. */
    from(output: ResponseStream, metadata: { statusCode: number; headers: Record<string, string> }): Writable;
  };
}

export interface StreamingRuntime {
  /** Makes a handler that Lambda calls with a stream. */
  handler(handler: StreamingHandler): (event: unknown, context: FunctionContext) => Promise<unknown>;
  /**
   * Sends an answer as it comes. Ends the answer's own stream when the output is gone: what writes it hears of it.
   *
   * @throws what ended the output before its time.
   */
  send(response: Response, output: ResponseStream): Promise<void>;
}

/** @returns undefined where the runtime does not stream. */
export function streamingRuntime(): StreamingRuntime | undefined {
  const { awslambda } = globalThis as { readonly awslambda?: LambdaGlobal };
  if (awslambda === undefined) return undefined;
  return {
    // Only the runtime calls it, by a way of its own.
    handler: (handler) => awslambda.streamifyResponse(handler) as ReturnType<StreamingRuntime["handler"]>,
    async send(response, output) {
      const headers = Object.fromEntries(response.headers);
      const out = awslambda.HttpResponseStream.from(output, { statusCode: response.status, headers });
      // Status and headers go with the first write, also where nothing follows.
      out.write("");
      if (response.body === null) out.end();
      else await pipeline(Readable.fromWeb(response.body as ReadableStream), out);
    },
  };
}
