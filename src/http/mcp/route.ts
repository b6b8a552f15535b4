import type { Context } from "hono";
import { readJson } from "../body.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import { respondProblem } from "../respond.ts";

/**
 * `POST /mcp`: the Model Context Protocol over HTTP, without sessions, in its present revision and the one before. Loaded by the first call:
 * who only searches does not pay for it.
 */
export function mcpRoute(services: RouteServices) {
  let loading: Promise<(request: Request, body: unknown, caller: string) => Promise<Response>> | undefined;
  const load = async () => {
    const [{ createMcpHandler }, { createMcpServer }] = await Promise.all([
      import("@modelcontextprotocol/server"),
      import("./server.ts"),
    ]);
    const handler = createMcpHandler(({ authInfo }) => createMcpServer(services, authInfo?.clientId));
    // Who asks is known by now; the key itself is nobody's business here.
    return (request: Request, parsedBody: unknown, clientId: string) =>
      handler.fetch(request, { parsedBody, authInfo: { token: "", clientId, scopes: [] } });
  };
  return async (context: Context<RequestScope>): Promise<Response> => {
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      const body = await readJson(context.req.raw, deadline.signal);
      if ("problem" in body) return respondProblem(context, body.problem);
      loading ??= load();
      const handle = await loading;
      const { method, url, headers, signal } = context.req.raw;
      return await handle(new Request(url, { method, headers, signal }), body.value, context.get("caller"));
    } finally {
      deadline.clear();
    }
  };
}
