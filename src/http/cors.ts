/** Response headers that let the page of a configured origin read our answers; none for any other origin. */
export function corsHeaders(
  request: Headers,
  corsOrigins: readonly string[],
  preflight: boolean,
): Record<string, string> {
  if (corsOrigins.length === 0) return {};
  const origin = request.get("origin");
  if (origin === null || !corsOrigins.includes(origin)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "x-trace-id, retry-after",
    ...(preflight
      ? {
          "access-control-allow-methods": "GET, HEAD, POST",
          "access-control-allow-headers": "content-type, x-api-key, authorization, traceparent",
          "access-control-max-age": "600",
        }
      : {}),
  };
}
