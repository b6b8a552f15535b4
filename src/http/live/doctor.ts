import type { Context } from "hono";
import * as z from "zod";
import { untilAborted } from "../../core/retry.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { Extension, RequestScope, RouteServices } from "../dependencies.ts";
import { problemOf } from "../failures.ts";
import { respondJson, respondProblem } from "../respond.ts";

/** One thing looked at. */
interface Finding {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly found: string;
  readonly advice?: string;
}

const doctorResponse = z.object({
  healthy: z.boolean().meta({ description: "Nothing is an error." }),
  findings: z.array(
    z.object({
      check: z.string(),
      level: z.enum(["ok", "warning", "error"]),
      found: z.string(),
      advice: z.string().optional(),
    }),
  ),
  trace_id: z.string(),
});

/**
 * `GET /doctor`: what `isthmus doctor` would find on this server, as it runs. Findings name folders and addresses, so it is for those
 * who may write. However many ask at once, they share one look.
 */
export function doctorExtension(look: () => AsyncIterable<Finding>): Extension {
  let looking: Promise<readonly Finding[]> | undefined;
  const handle = (services: RouteServices) => async (context: Context<RequestScope>) => {
    looking ??= Array.fromAsync(look()).finally(() => {
      looking = undefined;
    });
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      const findings = await untilAborted(looking, deadline.signal);
      const healthy = findings.every(({ level }) => level !== "error");
      return respondJson({ healthy, findings, trace_id: context.get("traceId") });
    } catch (error) {
      return respondProblem(context, problemOf(error));
    } finally {
      deadline.clear();
    }
  };
  return {
    routes: [{ method: "GET", path: "/doctor", writes: true, handle }],
    describe: ({ closed, answer, problems }) => ({
      paths: {
        "/doctor": {
          get: {
            operationId: "doctor",
            summary: "What is well here, and what is not",
            ...closed,
            responses: {
              "200": answer("All that was looked at, in the order in which one thing needs another.", "Doctor", {
                healthy: true,
                findings: [{ check: "disk", level: "ok", found: "70.2 GiB free" }],
                trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
              }),
              ...problems([403, 500, 504], "Problem"),
            },
          },
        },
      },
      schemas: { Doctor: doctorResponse },
    }),
  };
}
