// The query function: what Lambda imports. All but the handler's own work happens once for a container, in INIT.
import { packageVersion } from "../compose/package.ts";
import { createQueryFunction } from "../compose/query-function.ts";
import { parseQueryFunction } from "../config/query-function.ts";
import { createApp } from "../http/app.ts";
import { createHandler, type Handler } from "./lambda/handler.ts";
import { createLifecycle } from "./lambda/lifecycle.ts";
import { logFailure } from "./lambda/log.ts";

/** Milliseconds for one request: with INIT's ten seconds before it, the gateway's 29 are not reached. */
const deadlineMs = 15_000;

export const handler: Handler = await start();

async function start(): Promise<Handler> {
  const { steps, corsOrigins } = configured();
  const lifecycle = createLifecycle(steps, (step, error) => logFailure(`INIT: ${step}`, error));
  await lifecycle.initialise();
  const app = createApp({
    engine: () => lifecycle.engine(),
    // API Gateway has checked the key, and its name is public.
    apiKeys: [],
    keysCheckedBefore: true,
    // Lambda sends one at a time; there is room for work that outlives its answer.
    maxConcurrency: 8,
    version: packageVersion(),
    corsOrigins,
    deadlineMs,
    onRequest({ status, code = "internal", cause, traceId, route }) {
      if (status >= 500) logFailure("request", cause, { status, problem: code, trace_id: traceId, route });
    },
  });
  return createHandler({ app, corsOrigins, report: (error) => logFailure("request", error) });
}

/** With a wrong configuration the function still answers: every request is told that it is not initialised. */
function configured() {
  try {
    const settings = parseQueryFunction(process.env);
    return { steps: createQueryFunction(settings), corsOrigins: settings.corsOrigins };
  } catch (error) {
    const refuse = () => Promise.reject(error);
    return { steps: { loadModel: refuse, connect: refuse, openEngine: refuse }, corsOrigins: [] };
  }
}
