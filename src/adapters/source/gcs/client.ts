import type { IncomingMessage } from "node:http";
import { IsthmusError } from "../../../core/errors.ts";
import { type RetryPolicy, retrying } from "../../../core/retry.ts";
import { throwIfCancelled } from "../file-errors.ts";
import { refused, unreachable } from "./failures.ts";
import { createTransport, type Get, type TransportSettings } from "./transport.ts";

/** An object's answer was one that its caller has to understand: 404 (nothing there), 412 or 416 (another version). */
export interface Missed {
  readonly missed: 404 | 412 | 416;
}

export interface GcsClient {
  /** A JSON answer, tried several times; `missed` for 404. @param what the request is for, as messages name it. */
  json(what: string, request: Get): Promise<unknown | Missed>;
  /** One try of a request for bytes. @throws `source_unavailable`, `source_unreadable`, `cancelled`. */
  bytes(what: string, request: Get): Promise<IncomingMessage | Missed>;
  /** The pieces of a body as they are pulled; its failures are the system's. */
  body(response: IncomingMessage): AsyncGenerator<Uint8Array>;
  /** Tries again what is worth it. @throws `cancelled` when the signal fires. */
  retrying<Result>(operation: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
  close(): void;
}

/** The JSON API of Google Cloud Storage, as far as a reader needs it: https://cloud.google.com/storage/docs/json_api/v1 */
export function createGcsClient(settings: TransportSettings, retry: Partial<RetryPolicy>): GcsClient {
  const transport = createTransport(settings);

  async function textOf(response: IncomingMessage): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const piece of transport.body(response)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  async function once<Result>(
    what: string,
    request: Get,
    use: (response: IncomingMessage) => Promise<Result> | Result,
  ): Promise<Result | Missed> {
    throwIfCancelled(request.signal);
    try {
      const response = await transport.get(request);
      const { statusCode: status = 0, headers } = response;
      if (status === 200 || status === 206) return await use(response);
      const body = await textOf(response);
      if (status === 404 || status === 412 || status === 416) return { missed: status };
      throw refused(what, { status, headers, body }, settings.userProject);
    } catch (thrown) {
      throw unreachable(what, thrown);
    }
  }

  const again = async <Result>(operation: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> => {
    try {
      const outcome = await retrying(() => operation().then(asValue, asError), { ...retry, ...(signal && { signal }) });
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    } catch (thrown) {
      throwIfCancelled(signal);
      throw thrown;
    }
  };

  return {
    json: (what, request) =>
      again(() => once(what, request, async (response) => parse(what, await textOf(response))), request.signal),
    bytes: (what, request) => once(what, request, (response) => response),
    body: transport.body,
    retrying: again,
    close: () => transport.close(),
  };
}

function asValue<Result>(value: Result): { readonly value: Result } {
  return { value };
}

/** Only what may pass by itself is tried again here: an object that changed is the engine's to follow. */
function asError(error: unknown): { readonly error: unknown } {
  if (error instanceof IsthmusError && error.code === "source_unavailable") throw error;
  return { error };
}

export function isMissed(answer: unknown): answer is Missed {
  return typeof answer === "object" && answer !== null && "missed" in answer;
}

function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new IsthmusError(
      "source_unavailable",
      `Google Cloud Storage answered with something else than JSON for ${what}. Check STORAGE_EMULATOR_HOST and any proxy on the way.`,
    );
  }
}
