import type { OrProblem } from "../../http/problem.ts";

/**
 * What is read of an API Gateway REST proxy event (payload version 1.0).
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export interface ProxyEvent {
  readonly httpMethod: string;
  /** Without the stage. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** The event as a request. The host is a name of no meaning: the gateway has chosen this function by its own. */
export function requestOf(event: unknown): OrProblem<Request> {
  if (!isProxyEvent(event)) return { problem: notOurs };
  const url = new URL("https://function.invalid/");
  url.pathname = event.path;
  const parameters = allOf(event.multiValueQueryStringParameters, event.queryStringParameters);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const method = event.httpMethod.toUpperCase();
  const bodiless = method === "GET" || method === "HEAD";
  const body = bodiless || typeof event.body !== "string" ? null : bytesOf(event.body, event.isBase64Encoded === true);
  try {
    return { value: new Request(url, { method, headers: headersOf(event), body }) };
  } catch (cause) {
    // The only thing left to refuse is the method: CONNECT, TRACE, or no token at all.
    return { problem: { code: "bad_request", sentence: "The method of this request is not one we take.", cause } };
  }
}

/** Headers that are valid on the wire; what is not cannot have come over HTTP, and is left out. */
export function headersOf(event: unknown): Headers {
  const headers = new Headers();
  if (!isProxyEvent(event)) return headers;
  for (const [name, value] of allOf(event.multiValueHeaders, event.headers)) {
    try {
      headers.append(name, asByteString(value));
    } catch {
      // Not a header: nothing that reads headers could have read it.
    }
  }
  return headers;
}

const notOurs = {
  code: "bad_request",
  sentence: "This event is not one of an API Gateway REST API with Lambda proxy integration.",
} as const;

function isProxyEvent(event: unknown): event is ProxyEvent {
  if (typeof event !== "object" || event === null) return false;
  const { httpMethod, path } = event as Record<string, unknown>;
  return typeof httpMethod === "string" && typeof path === "string";
}

/** The gateway sends everything twice; the form with all values is the whole truth, where it is there. */
function* allOf(
  multiple: Readonly<Record<string, readonly string[] | undefined>> | null | undefined,
  single: Readonly<Record<string, string | undefined>> | null | undefined,
): Generator<[string, string]> {
  if (multiple) {
    for (const [name, values] of Object.entries(multiple))
      for (const value of values ?? []) yield [name, String(value)];
    return;
  }
  for (const [name, value] of Object.entries(single ?? {})) if (value !== undefined) yield [name, String(value)];
}

/** `Headers` takes the bytes of a value as characters; the gateway has decoded them as UTF-8. */
function asByteString(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;
}

function bytesOf(body: string, base64: boolean): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(body, base64 ? "base64" : "utf8"));
}
