// The query function: what Lambda imports. All but the handler's own work happens once for a container, in INIT.
import { packageVersion } from "../compose/package.ts";
import { createQueryFunction } from "../compose/query-function.ts";
import { parseQueryFunction } from "../config/query-function.ts";
import { queryDeadlineMs } from "../core/deadline.ts";
import { createApp } from "../http/app.ts";
import { asksForDoctor, type DoctorResult, examine } from "./lambda/doctor.ts";
import { createHandler, type InvocationContext } from "./lambda/handler.ts";
import { createLifecycle } from "./lambda/lifecycle.ts";
import { logFailure } from "./lambda/log.ts";
import type { ProxyResult } from "./lambda/respond.ts";

/** Proxy events of API Gateway, and the one event of our own. */
export const handler: Invocation = await start();

type Invocation = (event: unknown, context: InvocationContext) => Promise<ProxyResult | DoctorResult>;

async function start(): Promise<Invocation> {
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
    deadlineMs: queryDeadlineMs,
    onRequest({ status, code = "internal", cause, traceId, route }) {
      if (status >= 500) logFailure("request", cause, { status, problem: code, trace_id: traceId, route });
    },
  });
  const handle = createHandler({ app, corsOrigins, report: (error) => logFailure("request", error) });
  return async (event, context) =>
    asksForDoctor(event) ? await examine(() => steps.diagnose()) : await handle(event, context);
}

/** With a wrong configuration the function still answers: every request is told that it is not initialised. */
function configured() {
  try {
    const settings = parseQueryFunction(process.env);
    return { steps: createQueryFunction(settings), corsOrigins: settings.corsOrigins };
  } catch (error) {
    const refuse = () => Promise.reject(error);
    const diagnose = (): never => {
      throw error;
    };
    return { steps: { loadModel: refuse, connect: refuse, openEngine: refuse, diagnose }, corsOrigins: [] };
  }
}
