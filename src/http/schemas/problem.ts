import * as z from "zod";

/** RFC 9457, with `error`, `code` and `trace_id` beside its members. */
export const problemSchema = z.object({
  type: z.string().meta({ examples: ["urn:isthmus:problem:query_invalid"] }),
  title: z.string().meta({ description: "The same for every problem of this code." }),
  status: z.int(),
  detail: z.string().meta({ description: "The same sentence as `error`." }),
  error: z.string().meta({ description: "One sentence: what failed and what to do next." }),
  code: z.string().meta({ description: "Stable; programs decide by it." }),
  field: z.string().optional().meta({ description: "The input field at fault, where there is one." }),
  trace_id: z.string(),
});
