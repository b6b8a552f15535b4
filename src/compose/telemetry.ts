import type { TelemetrySettings } from "../config/telemetry.ts";
import type { Extension } from "../telemetry/lambda-extension.ts";
import type { Service, Telemetry } from "../telemetry/telemetry.ts";

export type { Telemetry };

/** What watches the engine, or nothing: then not a byte of it is loaded. */
export async function openTelemetry(
  settings: TelemetrySettings | undefined,
  service: Service,
): Promise<Telemetry | undefined> {
  if (settings === undefined) return undefined;
  const { createTelemetry } = await import("../telemetry/telemetry.ts");
  return createTelemetry(settings, service);
}

/** Flushes after each answer of a Lambda function; undefined outside of Lambda. */
export async function openExtension(telemetry: Telemetry, api: string | undefined): Promise<Extension | undefined> {
  if (api === undefined) return undefined;
  const { startExtension } = await import("../telemetry/lambda-extension.ts");
  return await startExtension(api, () => telemetry.flush());
}
