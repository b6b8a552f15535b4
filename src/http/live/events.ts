import type { Context } from "hono";
import type { Extension, RequestScope } from "../dependencies.ts";
import { respondProblem } from "../respond.ts";
import { type ActivityFeed, activityBody } from "./feed.ts";
import { activitySchema } from "./feed-schema.ts";

/** Streams that are open at once: each is a socket, and a browser has few for one server. */
export const mostListeners = 32;
/** Between two states of one stream: a scan changes hundreds of times a second. */
const restMs = 250;
/** Proxies and the server itself end a connection that is silent for longer. */
const beatMs = 15_000;
const headers = { "content-type": "text/event-stream", "x-accel-buffering": "no" };

/**
 * `GET /events`: what the server is at work on, as server-sent events, from the first moment until the reader leaves or the server
 * ends. Each event is the whole state, so a slow reader is sent the newest one and no backlog.
 *
 * @param ended fires when the server ends: a stream would hold it open.
 */
export function eventsExtension(feed: ActivityFeed, ended: AbortSignal, most = mostListeners): Extension {
  let listeners = 0;

  function handle(context: Context<RequestScope>): Response {
    // Hono answers HEAD by GET, and nobody would ever end that stream.
    if (context.req.raw.method === "HEAD") return new Response(null, { headers });
    if (ended.aborted) {
      const sentence = "The server is stopping; ask again when it is back.";
      return respondProblem(context, { code: "store_unavailable", sentence, retryAfterSeconds: 5 });
    }
    if (listeners >= most) {
      const sentence = `${most} others listen already. Close a page that you do not need, or ask again later.`;
      return respondProblem(context, { code: "too_many_requests", sentence, retryAfterSeconds: 10 });
    }
    return new Response(streamOf(feed, AbortSignal.any([ended, context.req.raw.signal])), { headers });
  }

  function streamOf(source: ActivityFeed, leaving: AbortSignal): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let close: () => void = () => {};
    return new ReadableStream<Uint8Array>({
      start(controller) {
        let changed = true;
        let resting: NodeJS.Timeout | undefined;
        const send = () => {
          resting = undefined;
          if (!changed) return;
          // The reader is behind: what is newest when it has caught up is sent then.
          if ((controller.desiredSize ?? 0) > 0) {
            changed = false;
            const data = JSON.stringify(activityBody(source.state()));
            controller.enqueue(encoder.encode(`event: state\ndata: ${data}\n\n`));
          }
          resting = setTimeout(send, restMs).unref();
        };
        const unsubscribe = source.subscribe(() => {
          changed = true;
          resting ??= setTimeout(send, restMs).unref();
        });
        const beat = setInterval(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(": still here\n\n"));
        }, beatMs).unref();
        listeners++;
        let closed = false;
        close = () => {
          if (closed) return;
          closed = true;
          listeners--;
          unsubscribe();
          clearInterval(beat);
          clearTimeout(resting);
          leaving.removeEventListener("abort", end);
        };
        const end = () => {
          close();
          controller.close();
        };
        leaving.addEventListener("abort", end, { once: true });
        send();
      },
      cancel: () => close(),
    });
  }

  return {
    routes: [{ method: "GET", path: "/events", writes: false, handle: () => handle }],
    describe: ({ closed, problems }) => ({
      paths: {
        "/events": {
          get: {
            operationId: "events",
            summary: "Follow what the server is at work on",
            ...closed,
            responses: {
              "200": {
                description:
                  "Server-sent events without end: `state` at once and after every change, with all that runs. Lines that begin with a colon keep the connection alive.",
                content: {
                  "text/event-stream": {
                    schema: { type: "string" },
                    "x-events": { state: { $ref: "#/components/schemas/Activity" } },
                  },
                },
              },
              ...problems([403, 429, 503], "Problem"),
            },
          },
        },
      },
      schemas: { Activity: activitySchema },
    }),
  };
}
