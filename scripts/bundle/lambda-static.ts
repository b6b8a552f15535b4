import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readConsole } from "../../src/compose/console.ts";
import { packageVersion } from "../../src/compose/package.ts";
import { consolePolicy } from "../../src/http/console.ts";
import { securityHeaders, strictPolicy } from "../../src/http/observe.ts";
import { openApiDocument } from "../../src/http/openapi.ts";

/** What the gateway answers by itself. */
export interface StaticAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether pages of the configured origin may read it. */
  readonly shared: boolean;
  /** The body, ASCII alone. Between two pieces stands the path that the API is under (`/prod/`), which the gateway knows. */
  readonly pieces: readonly string[];
}

/**
 * By path: these are the same until the next deployment, whoever asks, and so need no container of the function.
 * infra/serverless/static-answers.cjs puts them into the template.
 */
export function staticAnswers(): Readonly<Record<string, StaticAnswer>> {
  const version = packageVersion();
  const { html, assets } = readConsole();
  const files = Array.from(assets, ([path, { content, contentType }]) => {
    const headers = { "content-type": contentType, ...securityHeaders, "content-security-policy": strictPolicy };
    return [path, { headers, shared: false, pieces: [inAscii(content)] }] as const;
  });
  return {
    "/healthz": data({ status: "ok", version }),
    "/openapi.json": data(openApiDocument(version, "gateway", true)),
    "/": {
      headers: {
        "content-type": "text/html; charset=utf-8",
        ...securityHeaders,
        "content-security-policy": consolePolicy,
      },
      shared: false,
      pieces: piecesOf(html),
    },
    ...Object.fromEntries(files),
  };
}

function data(answer: object): StaticAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { headers, shared: true, pieces: [inAscii(JSON.stringify(answer))] };
}

/** Before each file that the page names: at `/prod`, without a slash behind it, `app.js` would be asked for at the host itself. */
function piecesOf(html: string): string[] {
  const pieces = html.split(/(?<=(?:href|src)=")(?=app\.)/);
  if (pieces.length !== 3)
    throw new Error(`the console's page names ${pieces.length - 1} files of its own, expected 2`);
  return pieces.map(inAscii);
}

/** Letters by their escapes, which JSON and scripts know alike: nothing depends on how the gateway reads bytes. */
function inAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Moved to its place whole: another process may be reading it. */
export function writeStaticAnswers(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const written = join(folder, `static-answers.${process.pid}`);
  writeFileSync(written, JSON.stringify(staticAnswers()));
  renameSync(written, join(folder, "static-answers.json"));
}
