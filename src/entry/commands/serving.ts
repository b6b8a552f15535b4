import { openAnswerEngine } from "../../compose/answers.ts";
import { readConsole } from "../../compose/console.ts";
import { diagnoseServer } from "../../compose/doctor.ts";
import { openIngestEngine } from "../../compose/ingest-engine.ts";
import { packageVersion } from "../../compose/package.ts";
import { openQueryEngine } from "../../compose/query-engine.ts";
import type { Runtime } from "../../compose/runtime.ts";
import { queryDeadlineMs } from "../../core/deadline.ts";
import { type IsthmusError, toIsthmusError } from "../../core/errors.ts";
import { createApp } from "../../http/app.ts";
import type { RequestRecord, RouteServices } from "../../http/dependencies.ts";
import { startOnce } from "../../http/engine.ts";
import { loopbackNames } from "../../http/hosts.ts";
import { createLimiter } from "../../http/limiter.ts";
import { doctorExtension } from "../../http/live/doctor.ts";
import { editingExtension } from "../../http/live/editing.ts";
import { eventsExtension } from "../../http/live/events.ts";
import { type Activity, createActivity } from "../activity.ts";
import { createEditing, type EditingParts, type RunningEditing } from "../editing.ts";
import { withElsewhere } from "../elsewhere.ts";
import { createJobLog } from "../job/log.ts";
import { startServer } from "../server.ts";
import type { Output } from "../terminal/output.ts";
import { createOpening } from "./opening.ts";
import { served } from "./served.ts";

/** Milliseconds that requests in flight get when the server stops. */
const graceMs = 5_000;

export interface Serving {
  readonly url: string;
  /** Resolves when the model is loaded, and rejects with what kept it from loading: no query would ever be answered. */
  ready(): Promise<void>;
  /** What is asked for over HTTP is written through it. */
  readonly editing: RunningEditing;
  close(): Promise<void>;
}

/** Requests may take as long as a large file needs to arrive; those with a small body have a deadline of their own. */
const timeouts = { headersMs: 10_000, requestMs: 600_000 } as const;

/**
 * Serves the API over the runtime. The index is opened by the first request that finds it, so that serving may start before
 * it exists; the model is loaded at once, so that the first query does not wait for it.
 */
export async function serve(
  runtime: Runtime,
  output: Output,
  activity: Activity = createActivity(),
  openWriter: EditingParts["open"] = () => openIngestEngine(runtime),
): Promise<Serving> {
  const { embedder, settings } = runtime;
  embedder.load().catch(() => {}); // `ready` tries again, and tells of it.
  const keys = [...settings.apiKeys, ...settings.writeKeys];
  const opening = createOpening(() => openAnswering(runtime, output));
  const ending = new AbortController();
  const tellError = (thrown: unknown) => output.note(`isthmus: ${toIsthmusError(thrown).message}`);
  const editing = createEditing({ settings, activity, open: openWriter, tellError });
  const look = () => diagnoseServer(settings, embedder.identity);
  const app = createApp({
    engine: opening.open,
    apiKeys: settings.apiKeys,
    writeKeys: settings.writeKeys,
    ...(keys.length === 0 && { allowedHosts: loopbackNames }),
    maxConcurrency: settings.maxConcurrency,
    ...served,
    console: readConsole(),
    indexing: activity.indexing,
    extensions: [
      eventsExtension(withElsewhere(activity, settings), ending.signal),
      editingExtension(editing),
      doctorExtension(look),
    ],
    ...(runtime.telemetry && { tracing: runtime.telemetry }),
    version: packageVersion(),
    deadlineMs: queryDeadlineMs,
    // The search's time and the model's.
    answerDeadlineMs: queryDeadlineMs + (settings.generator?.timeoutMs ?? 0),
    onRequest(record) {
      if (settings.log === "json") return tell(record, runtime.telemetry?.ids());
      const { status, code, cause, traceId } = record;
      if (status >= 500 && code !== "store_unavailable")
        output.note(`isthmus: a request failed with ${status} (trace ${traceId}): ${describe(cause)}`);
    },
  });
  const server = await startServer({ app, host: settings.host, port: settings.port, apiKeys: keys, timeouts });
  return {
    url: server.url,
    editing,
    async ready() {
      await embedder.load();
    },
    async close() {
      // Who follows would hold the server open.
      ending.abort();
      try {
        await server.close({ graceMs });
      } finally {
        await editing.close().finally(() => opening.close());
      }
    },
  };
}

/** What serves assistants over stdio: the same turns and bounds as over HTTP. */
export function createMcpServices(runtime: Runtime, output: Output) {
  const { embedder, settings } = runtime;
  embedder.load().catch(() => {}); // The first search tries again, and tells of it.
  const opening = createOpening(() => openAnswering(runtime, output));
  const services: RouteServices = {
    engine: startOnce(opening.open),
    limiter: createLimiter(settings.maxConcurrency, settings.maxConcurrency * 4),
    answerLimiter: createLimiter(settings.maxConcurrency, settings.maxConcurrency * 4),
    deadlineMs: queryDeadlineMs,
    answerDeadlineMs: queryDeadlineMs + (settings.generator?.timeoutMs ?? 0),
    version: packageVersion(),
    answers: true,
  };
  return { services, close: () => opening.close() };
}

/** A line of JSON on stderr, with nothing that the client wrote but its method. */
function tell(record: RequestRecord, ids: { readonly span_id?: string } | undefined): void {
  const { method, route, status, code, traceId, tookMs, cause } = record;
  const severity = status >= 500 ? "ERROR" : "INFO";
  const message = cause === undefined ? `${method} ${route} ${status}` : describe(cause);
  createJobLog((line) => process.stderr.write(line)).write(severity, message, {
    trace_id: traceId,
    ...(ids?.span_id !== undefined && { span_id: ids.span_id }),
    method,
    route,
    status,
    ...(code !== undefined && { code }),
    took_ms: Math.round(tookMs * 100) / 100,
  });
}

/** Searches and answers over one index. */
async function openAnswering(runtime: Runtime, output: Output) {
  const engine = await openQueryEngine(runtime);
  const answers = await openAnswerEngine(runtime, engine.reader, {
    onDegraded: (error) => output.note(`isthmus: ${degraded(error)}`),
  });
  return {
    ...engine,
    answerer: answers.answerer,
    async close() {
      await answers.close().finally(() => engine.close());
    },
  };
}

function degraded(error: IsthmusError): string {
  return `the language model failed, and the documents answered without it: ${error.message}`;
}

function describe(cause: unknown): string {
  return cause === undefined ? "unknown cause" : toIsthmusError(cause).message;
}
