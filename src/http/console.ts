/** The console's static files: a page over this very API, for people. The function that only answers programs has none. */
export interface ConsoleFiles {
  /** The page itself. */
  readonly html: string;
  /** What it loads, by path. */
  readonly assets: ReadonlyMap<string, { readonly content: string; readonly contentType: string }>;
}

/** The page runs its own script and style, calls its own server, and nothing else; no text becomes markup by any way. */
export const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** A path of what the page loads. */
export function assetRoute({ content, contentType }: { readonly content: string; readonly contentType: string }) {
  return (): Response => new Response(content, { headers: { "content-type": contentType } });
}
