import type { Context } from "hono";
import type { RequestScope } from "../dependencies.ts";
import { type Authentication, openApiDocument } from "../openapi.ts";
import { page, pageSecurityPolicy } from "../page/page.ts";
import { respondJson } from "../respond.ts";

/** `GET /`: a search page for browsers, and a short list of what there is for everything else. */
export function indexRoute(version: string) {
  const index = {
    name: "isthmus",
    version,
    try: {
      query: 'POST /query with {"query": "..."} and content-type: application/json',
      documents: "GET /documents",
      ready: "GET /readyz",
      reference: "GET /openapi.json",
    },
  };
  return (context: Context<RequestScope>): Response => {
    const html = (context.req.header("accept") ?? "").includes("text/html");
    const response = html
      ? new Response(page, {
          headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": pageSecurityPolicy },
        })
      : respondJson(index);
    response.headers.set("vary", "Accept");
    return response;
  };
}

/** `GET /openapi.json`. */
export function openApiRoute(version: string, authentication: Authentication, answers: boolean) {
  // Made at the first request: a cold start should not wait for a document that few ask for.
  let document: ReturnType<typeof openApiDocument> | undefined;
  return (): Response => {
    document ??= openApiDocument(version, authentication, answers);
    return respondJson(document);
  };
}
