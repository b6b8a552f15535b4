// The query function: what Lambda imports.
import { createQueryFunction } from "../compose/query-function.ts";
import { parseQueryFunction } from "../config/query-function.ts";
import { asksForDoctor, type DoctorResult, examine } from "./lambda/doctor.ts";
import { type FunctionContext, startFunction } from "./lambda/function.ts";
import { createHandler } from "./lambda/handler.ts";
import type { ProxyResult } from "./lambda/respond.ts";

const started = await startFunction({
  name: "isthmus-query",
  parse: parseQueryFunction,
  create: createQueryFunction,
});
const handle = createHandler(started);

/** Proxy events of API Gateway, and the one event of our own. */
export async function handler(event: unknown, context: FunctionContext): Promise<ProxyResult | DoctorResult> {
  try {
    return asksForDoctor(event) ? await examine(() => started.steps.diagnose()) : await handle(event, context);
  } finally {
    started.answered(context);
  }
}
