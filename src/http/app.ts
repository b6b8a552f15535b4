import { Hono, type MiddlewareHandler } from "hono";
import { callerBehindGateway, createAuthenticate } from "./authentication.ts";
import { assetRoute } from "./console.ts";
import type { AppDependencies, RequestScope, RouteServices } from "./dependencies.ts";
import { startOnce } from "./engine.ts";
import { problemOf } from "./failures.ts";
import { checkHost, checkSite } from "./hosts.ts";
import { createLimiter } from "./limiter.ts";
import { observe } from "./observe.ts";
import { respondProblem } from "./respond.ts";
import { documentRoute } from "./routes/document.ts";
import { documentsRoute } from "./routes/documents.ts";
import { healthRoute, readyRoute } from "./routes/health.ts";
import { indexRoute, openApiRoute } from "./routes/index.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { queryRoute } from "./routes/query.ts";

/**
 * The HTTP API as a function from `Request` to `Response`: the same on a laptop and on Lambda.
 *
 * @throws `config_invalid` for an empty API key.
 */
export function createApp(dependencies: AppDependencies): Hono<RequestScope> {
  const { allowedHosts, apiKeys, corsOrigins = [], deadlineMs, maxConcurrency, version } = dependencies;
  const { extensions = [], writeKeys = [] } = dependencies;
  const authenticate = createAuthenticate(apiKeys, writeKeys);
  const added = extensions.flatMap(({ routes }) => routes);
  const writable = added.some(({ writes }) => writes);
  const authentication =
    dependencies.keysCheckedBefore === true ? "gateway" : apiKeys.length + writeKeys.length > 0 ? "app" : "none";
  const services: RouteServices = {
    engine: startOnce(dependencies.engine),
    limiter: createLimiter(maxConcurrency, dependencies.maxWaiting ?? maxConcurrency * 4),
    answerLimiter: createLimiter(maxConcurrency, dependencies.maxWaiting ?? maxConcurrency * 4),
    deadlineMs,
    answerDeadlineMs: dependencies.answerDeadlineMs ?? deadlineMs,
    version,
    answers: dependencies.answers !== undefined,
    ...(dependencies.indexing && { indexing: dependencies.indexing }),
  };
  const app = new Hono<RequestScope>();

  app.onError((error, context) => respondProblem(context, problemOf(error)));
  app.notFound((context) =>
    respondProblem(context, {
      code: "not_found",
      sentence: "There is nothing at this path. See /openapi.json for what there is.",
    }),
  );
  app.use(observe(corsOrigins, dependencies.onRequest, dependencies.tracing));
  const { doors = [] } = dependencies;
  // Before anything answers: who is turned away at the door is told in its own words.
  for (const { prefix, around } of doors) app.use(prefix, around());
  app.use(async (context, next) => {
    const problem = allowedHosts && checkHost(context.req.raw.headers, allowedHosts, corsOrigins);
    return problem === undefined ? next() : respondProblem(context, problem);
  });

  const open: MiddlewareHandler<RequestScope> = (_, next) => next();
  const keyed: MiddlewareHandler<RequestScope> = async (context, next) => {
    const { headers } = context.req.raw;
    const caller = authenticate(headers);
    if ("problem" in caller) return respondProblem(context, caller.problem);
    context.set("caller", authentication === "gateway" ? callerBehindGateway(headers) : caller.value.name);
    context.set("mayWrite", writable && caller.value.mayWrite);
    return await next();
  };
  const writing: MiddlewareHandler<RequestScope> = async (context, next) => {
    const foreign = checkSite(context.req.raw.headers, corsOrigins);
    if (foreign !== undefined) return respondProblem(context, foreign);
    const refused = await keyed(context, async () => {});
    if (refused !== undefined) return refused;
    if (context.get("mayWrite")) return await next();
    const sentence = "This key may search and read, and not write. Use one of the server's ISTHMUS_WRITE_KEYS.";
    return respondProblem(context, { code: "forbidden", sentence });
  };
  const exposition = dependencies.tracing?.exposition;
  const routes = [
    { path: "/", method: "GET", access: open, handle: indexRoute(version, dependencies.console) },
    ...Array.from(dependencies.console?.assets ?? [], ([path, asset]) => ({
      path,
      method: "GET",
      access: open,
      handle: assetRoute(asset),
    })),
    { path: "/query", method: "POST", access: keyed, handle: queryRoute(services) },
    ...(dependencies.answers === undefined
      ? []
      : [{ path: "/answer", method: "POST", access: keyed, handle: dependencies.answers(services) }]),
    ...(dependencies.mcp === undefined
      ? []
      : [{ path: "/mcp", method: "POST", access: keyed, handle: dependencies.mcp(services) }]),
    ...doors.map(({ path, handle }) => ({ path, method: "POST", access: keyed, handle: handle(services) })),
    { path: "/documents", method: "GET", access: keyed, handle: documentsRoute(services) },
    ...(exposition === undefined
      ? []
      : [{ path: "/metrics", method: "GET", access: keyed, handle: metricsRoute(exposition) }]),
    { path: "/document", method: "GET", access: keyed, handle: documentRoute(services) },
    { path: "/healthz", method: "GET", access: open, handle: healthRoute(services) },
    { path: "/readyz", method: "GET", access: open, handle: readyRoute(services) },
    {
      path: "/openapi.json",
      method: "GET",
      access: open,
      handle: openApiRoute(version, authentication, dependencies.answers !== undefined, doors, extensions),
    },
    ...added.map(({ method, path, writes, handle }) => ({
      path,
      method,
      access: writes ? writing : keyed,
      handle: handle(services),
    })),
  ];
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    const methods = here.map(({ method }) => method);
    const allow = [...methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(
      ", ",
    );
    app.use(path, async (context, next) => {
      context.set("route", path);
      await next();
    });
    for (const { method, access, handle } of here) app.on(method, path, access, handle);
    app.options(path, () => new Response(null, { status: 204, headers: { allow } }));
    app.all(path, (context) =>
      respondProblem(context, {
        code: "method_not_allowed",
        sentence: `This path takes ${methods.join(" and ")}, not the method that was used.`,
        headers: { allow },
      }),
    );
  }
  return app;
}
