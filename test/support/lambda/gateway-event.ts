import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * The proxy event that API Gateway makes of a request (REST API, payload version 1.0).
 *
 * @param prefix the stage with its slash, which the event's path has not.
 */
export function proxyEvent(request: IncomingMessage, body: Buffer, prefix: string): object {
  const url = new URL(request.url ?? "/", "http://gateway.invalid");
  const path = url.pathname.slice(prefix.length);
  const multiValueHeaders = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [titled(name), values]),
  );
  const names = [...new Set(url.searchParams.keys())];
  const multiValueQueryStringParameters = Object.fromEntries(
    names.map((name) => [name, url.searchParams.getAll(name)]),
  );
  return {
    resource: path,
    path,
    httpMethod: request.method,
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: names.length === 0 ? null : lastOf(multiValueQueryStringParameters),
    multiValueQueryStringParameters: names.length === 0 ? null : multiValueQueryStringParameters,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      requestId: randomUUID(),
      resourcePath: path,
      path: url.pathname,
      httpMethod: request.method,
      stage: "local",
      identity: { sourceIp: request.socket.remoteAddress },
    },
    body: body.length === 0 ? null : body.toString("utf8"),
    isBase64Encoded: false,
  };
}

function lastOf(multiple: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(multiple).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

/** The gateway passes names on as HTTP/1.1 clients write them. */
function titled(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}
