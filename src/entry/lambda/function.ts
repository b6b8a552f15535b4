// What the functions on Lambda have in common: all but the handler's own work happens once for a container, in INIT.
import { packageVersion } from "../../compose/package.ts";
import type { QueryFunction } from "../../compose/query-function.ts";
import { openExtension, openTelemetry, type Telemetry } from "../../compose/telemetry.ts";
import type { QueryFunctionSettings } from "../../config/query-function.ts";
import type { Environment } from "../../config/read.ts";
import { queryDeadlineMs } from "../../core/deadline.ts";
import { createApp } from "../../http/app.ts";
import type { AppDependencies } from "../../http/dependencies.ts";
import type { HandlerParts, InvocationContext } from "./handler.ts";
import { createLifecycle } from "./lifecycle.ts";
import { logFailure } from "./log.ts";

/** Of Lambda, as far as it is read. */
export type FunctionContext = InvocationContext & { readonly awsRequestId: string };

/** A function that is initialised. */
export interface StartedFunction extends HandlerParts {
  readonly steps: Pick<QueryFunction, "diagnose">;
  /** To be told when an event has its answer: what is still to be sent of traces is sent then. */
  answered(context: FunctionContext): void;
}

export interface FunctionParts<Settings extends QueryFunctionSettings>
  extends Pick<AppDependencies, "answers" | "answerDeadlineMs"> {
  /** As traces have it. */
  readonly name: string;
  /** @throws `config_invalid` */
  parse(environment: Environment): Settings;
  create(settings: Settings, telemetry: Telemetry | undefined): QueryFunction;
}

export async function startFunction<Settings extends QueryFunctionSettings>(
  parts: FunctionParts<Settings>,
): Promise<StartedFunction> {
  const { steps, corsOrigins, telemetry } = await configured(parts);
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
    ...(parts.answers && { answers: parts.answers }),
    ...(parts.answerDeadlineMs !== undefined && { answerDeadlineMs: parts.answerDeadlineMs }),
    deadlineMs: queryDeadlineMs,
    onRequest({ status, code = "internal", cause, traceId, route }) {
      if (status >= 500)
        logFailure("request", cause, { status, problem: code, trace_id: traceId, ...telemetry?.ids(), route });
    },
  });
  let cold = true;
  return {
    app,
    corsOrigins,
    ...(telemetry && {
      // https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/: a slow one tells by itself that its container was new.
      attributes({ awsRequestId }) {
        const coldstart = cold;
        cold = false;
        return {
          "faas.trigger": "http",
          "faas.coldstart": coldstart,
          ...(awsRequestId !== undefined && { "faas.invocation_id": awsRequestId }),
        };
      },
    }),
    report: (error) => logFailure("request", error),
    steps,
    answered: ({ awsRequestId }) => extension?.answered(awsRequestId),
  };
}

/** With a wrong configuration the function still answers: every request is told that it is not initialised. */
async function configured<Settings extends QueryFunctionSettings>({ name, parse, create }: FunctionParts<Settings>) {
  try {
    const settings = parse(process.env);
    const telemetry = await openTelemetry(settings.telemetry, {
      name,
      version: packageVersion(),
      // The container is frozen between requests: the extension says when.
      everyMs: 0,
      attributes: lambdaResource(process.env),
    });
    return { steps: create(settings, telemetry), corsOrigins: settings.corsOrigins, telemetry };
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
