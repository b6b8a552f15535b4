import process from "node:process";

// Not by `import`: see sender.ts.
const { Agent, request } = process.getBuiltinModule("node:http");

/** Flushes after the answer was sent, while the platform still lets the container run. */
export interface Extension {
  /** The handler has its answer for this request, which is on its way. */
  answered(requestId: string): void;
}

/** Requests that are remembered as answered before their event was heard. */
const mostRemembered = 64;
/** Milliseconds after an answer that was none. */
const askAgainMs = 100;
/** Milliseconds that an answer has to get onto its way before anything else is done. */
const afterAnswerMs = 2;

/**
 * An internal extension: it lives in the function's own process, and the platform freezes the container only when it too waits
 * for the next event. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 *
 * The event of an invocation and the invocation itself come by two ways, in any order: they are paired by the request's id.
 *
 * @param api `AWS_LAMBDA_RUNTIME_API`.
 * @returns undefined where the platform takes no extension: then nothing can be sent after an answer.
 */
export async function startExtension(api: string, flush: () => Promise<void>): Promise<Extension | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<{ status: number; id: string; text: string }>((resolve, reject) => {
      const sent = request(`http://${api}/2020-01-01/extension/${path}`, { method, headers, agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("error", reject);
        response.on("end", () => {
          const id = response.headers["lambda-extension-identifier"];
          resolve({ status: response.statusCode ?? 0, id: typeof id === "string" ? id : "", text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });

  const answered = new Set<string>();
  const waiting = new Map<string, () => void>();
  const untilAnswered = (id: string, deadlineMs: number) =>
    new Promise<void>((resolve) => {
      if (answered.delete(id)) return resolve();
      const timer = setTimeout(resolve, Math.max(0, deadlineMs - Date.now()));
      timer.unref();
      waiting.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
    }).finally(() => waiting.delete(id));

  /** The platform waits for whoever has registered, at every invocation: it must go on asking, whatever it is told. */
  async function follow(id: string): Promise<void> {
    for (;;) {
      try {
        const { status, text } = await call("GET", "event/next", { "lambda-extension-identifier": id });
        if (status !== 200) throw new Error(`event/next was answered by ${status}`);
        const event = JSON.parse(text) as { eventType?: string; requestId?: string; deadlineMs?: number };
        if (event.eventType !== "INVOKE" || event.requestId === undefined) continue;
        await untilAnswered(event.requestId, event.deadlineMs ?? 0);
        // The handler has returned, and its answer is not sent: what is done now is done before that.
        await new Promise((resolve) => setTimeout(resolve, afterAnswerMs));
        await flush();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, askAgainMs).unref());
      }
    }
  }

  try {
    const headers = { "lambda-extension-name": "isthmus-telemetry", "content-type": "application/json" };
    const { status, id } = await call("POST", "register", headers, JSON.stringify({ events: ["INVOKE"] }));
    if (status !== 200 || id === "") return undefined;
    // Not awaited: it lives as long as the container.
    void follow(id);
  } catch {
    return undefined;
  }
  return {
    answered(requestId) {
      const waiter = waiting.get(requestId);
      if (waiter !== undefined) return waiter();
      if (answered.size >= mostRemembered) answered.clear();
      answered.add(requestId);
    },
  };
}
