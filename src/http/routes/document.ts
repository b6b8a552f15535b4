import type { Context } from "hono";
import { readDocument } from "../../core/document.ts";
import { present } from "../../core/errors.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import { parametersOf } from "../parameters.ts";
import { respondJson, respondProblem } from "../respond.ts";
import { documentRequest, partBody } from "../schemas/document.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";
import { documentOf } from "./documents.ts";

/** `GET /document`: what the index holds of one document, as text, page by page. */
export function documentRoute(services: RouteServices) {
  return async (context: Context<RequestScope>): Promise<Response> => {
    const parameters = parametersOf(new URL(context.req.url).searchParams, ["from", "limit"]);
    if ("problem" in parameters) return respondProblem(context, parameters.problem);
    const request = validate(documentRequest, parameters.value);
    if ("problem" in request) return respondProblem(context, request.problem);
    const { uri } = request.value;
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      const found = await runWork(services, deadline.signal, async ({ reader }) => {
        const [page, entries] = await Promise.all([
          readDocument(reader, request.value, deadline.signal),
          reader.entries([uri], deadline.signal),
        ]);
        return { page, entry: present(entries[0], "the entry that was asked for") };
      });
      if ("problem" in found) return respondProblem(context, found.problem);
      const { page, entry } = found.value;
      if (page === undefined && entry.failure === undefined) {
        const sentence = "The index has no document of this URI. GET /documents lists what there is.";
        return respondProblem(context, { code: "document_not_found", sentence, field: "uri" });
      }
      const { failure } = entry;
      return respondJson({
        // The row that the passages are of: the manifest may have gone on since.
        document: documentOf({ uri, ...(page && { current: page.row }), ...(failure && { failure }) }),
        parts: (page?.parts ?? []).map(partBody),
        ...(page?.next !== undefined && { next: page.next }),
        trace_id: context.get("traceId"),
      });
    } finally {
      deadline.clear();
    }
  };
}
