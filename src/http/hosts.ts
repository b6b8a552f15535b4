import type { Problem } from "./problem.ts";

/** The `allowedHosts` of a server on loopback. */
export const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** True for addresses and names that only this machine can reach: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:/, "");
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Guards a loopback server against DNS rebinding: a page of another site can make the browser send requests here under
 * its own name, but not under ours, and its scripts always send their Origin.
 *
 * @param allowedHosts names without port. Loopback addresses are always in: an address cannot be rebound.
 * @param corsOrigins origins that may call across, as configured.
 * @returns the problem with these headers, or undefined where there is none.
 */
export function checkHost(
  headers: Headers,
  allowedHosts: readonly string[],
  corsOrigins: readonly string[],
): Problem | undefined {
  const host = headers.get("host")?.toLowerCase();
  if (host === undefined || host === "") {
    return { code: "bad_request", sentence: "The Host header is missing." };
  }
  const name = host.replace(/:\d{1,5}$/, "");
  if (!allowedHosts.includes(name) && !isLoopback(name)) {
    return {
      code: "host_not_allowed",
      sentence: `This server answers under ${allowedHosts.join(", ")} only. Call it by one of these names.`,
    };
  }
  const origin = headers.get("origin");
  if (origin === null || origin.toLowerCase() === `http://${host}` || corsOrigins.includes(origin)) return undefined;
  return foreignPage;
}

const foreignPage: Problem = {
  code: "origin_not_allowed",
  sentence: "A page of another origin may not call this server. Open the page that it serves itself.",
};

/**
 * Guards what writes against requests that the page of another site makes a browser send, keys or none: browsers say where a request
 * comes from (https://w3c.github.io/webappsec-fetch-metadata/), and programs that are none say nothing.
 */
export function checkSite(headers: Headers, corsOrigins: readonly string[]): Problem | undefined {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (origin !== null && corsOrigins.includes(origin)) return undefined;
  const own = origin === null || hostOf(origin) === headers.get("host")?.toLowerCase();
  return own && (site === null || site === "same-origin" || site === "none") ? undefined : foreignPage;
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())?.[1];
}
