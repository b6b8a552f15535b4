// The query function: what Lambda imports. All but the handler's own work happens once for a container, in INIT.
import { packageVersion } from "../compose/package.ts";
import { createQueryFunction } from "../compose/query-function.ts";
import { openExtension, openTelemetry } from "../compose/telemetry.ts";
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

type Invocation = (
  event: unknown,
  context: InvocationContext & { readonly awsRequestId: string },
) => Promise<ProxyResult | DoctorResult>;

async function start(): Promise<Invocation> {
  const { steps, corsOrigins, telemetry } = await configured();
  telemetry?.coldStart();
  const lifecycle = createLifecycle(steps, (step, error) => logFailure(`INIT: ${step}`, error));
  const [extension] = await Promise.all([
    telemetry && openExtension(telemetry, process.env["AWS_LAMBDA_RUNTIME_API"]),
    lifecycle.initialise(),
  ]);
  const app = createApp({
    engine: () => lifecycle.engine(),
    // API Gateway has checked the key, and its name is public.
    apiKeys: [],
    keysCheckedBefore: true,
    // Lambda sends one at a time; there is room for work that outlives its answer.
    maxConcurrency: 8,
    version: packageVersion(),
    corsOrigins,
    ...(telemetry && { tracing: telemetry }),
    deadlineMs: queryDeadlineMs,
    onRequest({ status, code = "internal", cause, traceId, route }) {
      if (status >= 500)
        logFailure("request", cause, { status, problem: code, trace_id: traceId, ...telemetry?.ids(), route });
    },
  });
  const handle = createHandler({ app, corsOrigins, report: (error) => logFailure("request", error) });
  return async (event, context) => {
    try {
      return asksForDoctor(event) ? await examine(() => steps.diagnose()) : await handle(event, context);
    } finally {
      extension?.answered(context.awsRequestId);
    }
  };
}

/** With a wrong configuration the function still answers: every request is told that it is not initialised. */
async function configured() {
  try {
    const settings = parseQueryFunction(process.env);
    const telemetry = await openTelemetry(settings.telemetry, {
      name: "isthmus-query",
      version: packageVersion(),
      // The container is frozen between requests: the extension says when.
      everyMs: 0,
      attributes: lambdaResource(process.env),
    });
    return { steps: createQueryFunction(settings, telemetry), corsOrigins: settings.corsOrigins, telemetry };
  } catch (error) {
    const refuse = () => Promise.reject(error);
    const diagnose = (): never => {
      throw error;
    };
    return {
      steps: { loadModel: refuse, connect: refuse, openEngine: refuse, diagnose },
      corsOrigins: [],
      telemetry: undefined,
    };
  }
}

/** https://opentelemetry.io/docs/specs/semconv/resource/faas/ */
function lambdaResource(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = {
    "faas.name": "AWS_LAMBDA_FUNCTION_NAME",
    "faas.version": "AWS_LAMBDA_FUNCTION_VERSION",
    "cloud.region": "AWS_REGION",
  };
  const known = Object.entries(names).flatMap(([attribute, name]) => {
    const value = environment[name];
    return value === undefined ? [] : [[attribute, value] as const];
  });
  return { "cloud.provider": "aws", "cloud.platform": "aws_lambda", ...Object.fromEntries(known) };
}
