import * as z from "zod";

/** The answer of `GET /healthz`. */
export const healthResponse = z.object({ status: z.literal("ok"), version: z.string() });

/** The answer of `GET /readyz`. */
export const readyResponse = z.object({
  ready: z.literal(true),
  model: z.object({ model: z.string(), dimensions: z.int(), revision: z.string() }),
});
