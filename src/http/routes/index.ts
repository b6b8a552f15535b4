import type { Context } from "hono";
import { type ConsoleFiles, consolePolicy } from "../console.ts";
import type { Door, Extension, RequestScope } from "../dependencies.ts";
import { type Authentication, openApiDocument } from "../openapi.ts";
import { respondJson } from "../respond.ts";

/** `GET /`: the console for browsers where there is one, and a short list of what there is for everything else. */
export function indexRoute(version: string, files: ConsoleFiles | undefined) {
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
    const response =
      html && files
        ? new Response(files.html, {
            headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": consolePolicy },
          })
        : respondJson(index);
    response.headers.set("vary", "Accept");
    return response;
  };
}

/** `GET /openapi.json`. */
export function openApiRoute(
  version: string,
  authentication: Authentication,
  answers: boolean,
  doors: readonly Door[],
  extensions: readonly Extension[] = [],
) {
  // Made at the first request: a cold start should not wait for a document that few ask for.
  let document: ReturnType<typeof openApiDocument> | undefined;
  return (): Response => {
    document ??= openApiDocument(version, authentication, answers, doors, extensions);
    return respondJson(document);
  };
}
