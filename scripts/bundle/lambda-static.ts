import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { packageVersion } from "../../src/compose/package.ts";
import { openApiDocument } from "../../src/http/openapi.ts";

/**
 * What the gateway answers by itself, by path: it is the same until the next deployment, whoever asks, and so needs no container of the
 * function. infra/serverless/static-answers.cjs puts it into the template.
 */
export function staticAnswers(): Readonly<Record<string, object>> {
  const version = packageVersion();
  return {
    "/healthz": { status: "ok", version },
    "/openapi.json": openApiDocument(version, "gateway", true),
  };
}

/** Moved to its place whole: another process may be reading it. */
export function writeStaticAnswers(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const written = join(folder, `static-answers.${process.pid}`);
  writeFileSync(written, JSON.stringify(staticAnswers()));
  renameSync(written, join(folder, "static-answers.json"));
}
