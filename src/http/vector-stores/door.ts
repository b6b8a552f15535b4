import type { Context, MiddlewareHandler } from "hono";
import { checkQuery } from "../../core/retrieve.ts";
import type { Passage, QueryRequest } from "../../core/retrieve-types.ts";
import { readJson } from "../body.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { Door, RequestScope, RouteServices } from "../dependencies.ts";
import type { SearchEngine } from "../engine.ts";
import { problemOf } from "../failures.ts";
import { type OrProblem, type Problem, problemCatalogue, problemDocument } from "../problem.ts";
import { respondJson, respondProblem } from "../respond.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";
import { checkDepth, toFilter } from "./filters.ts";
import {
  attributeFilter,
  comparisonFilter,
  compoundFilter,
  openAiProblem,
  vectorStoreExample,
  vectorStoreSearchRequest,
  vectorStoreSearchResponse,
} from "./schema.ts";

/** There is one index, and this is its name. Another name is refused, so that more of them may come. */
const storeId = "default";
const path = "/v1/vector_stores/:id/search";

interface Search {
  readonly requests: readonly QueryRequest[];
  readonly limit: number;
  readonly threshold: number;
}

/** `POST /v1/vector_stores/{id}/search`: the search that OpenAI's clients send, over the same engine with the same bounds. */
export const vectorStoreDoor: Door = {
  prefix: "/v1/*",
  path,
  around: asOpenAi,
  handle: (services: RouteServices) => async (context: Context<RequestScope>) => {
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      if (context.req.param("id") !== storeId) return respondProblem(context, unknownStore);
      const body = await readJson(context.req.raw, deadline.signal);
      if ("problem" in body) return respondProblem(context, body.problem);
      const search = searchOf(body.value);
      if ("problem" in search) return respondProblem(context, search.problem);
      const found = await runWork(services, deadline.signal, (engine) => run(engine, search.value, deadline.signal));
      if ("problem" in found) return respondProblem(context, found.problem);
      return respondJson({
        object: "vector_store.search_results.page",
        search_query: search.value.requests.map((request) => request.query),
        data: found.value.map(resultOf),
        has_more: false,
        next_page: null,
      });
    } finally {
      deadline.clear();
    }
  },
  describe: ({ closed, json, answer, problems }) => ({
    paths: {
      "/v1/vector_stores/{id}/search": {
        post: {
          operationId: "searchVectorStore",
          summary: "Find passages, in the shape of OpenAI's clients",
          ...closed,
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string", enum: [storeId] } }],
          requestBody: { required: true, content: json("VectorStoreSearchRequest", vectorStoreExample.request) },
          responses: {
            "200": answer("One page of passages.", "VectorStoreSearchResponse", vectorStoreExample.response),
            ...problems([400, 403, 404, 408, 413, 415, 429, 500, 503, 504], "OpenAiProblem"),
          },
        },
      },
    },
    schemas: {
      ComparisonFilter: comparisonFilter,
      CompoundFilter: compoundFilter,
      AttributeFilter: attributeFilter,
      VectorStoreSearchRequest: vectorStoreSearchRequest,
      VectorStoreSearchResponse: vectorStoreSearchResponse,
      OpenAiProblem: openAiProblem,
    },
  }),
};

const unknownStore: Problem = {
  code: "not_found",
  sentence: `There is no vector store of this id. This server has one, whose id is "${storeId}".`,
  field: "id",
};

/** Names of our fields, as this door has them. */
const fields: Readonly<Record<string, string>> = { k: "max_num_results", filter: "filters" };

function searchOf(body: unknown): OrProblem<Search> {
  try {
    checkDepth(typeof body === "object" && body !== null && "filters" in body ? body.filters : undefined);
    const typed = validate(vectorStoreSearchRequest, body);
    if ("problem" in typed) return typed;
    const { query, filters, max_num_results: limit, ranking_options: ranking } = typed.value;
    const shared = { k: limit, ...(filters && { filter: toFilter(filters) }) };
    const requests = [query].flat().map((text) => checkQuery({ query: text, ...shared }));
    return { value: { requests, limit, threshold: ranking?.score_threshold ?? 0 } };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** One after another, in one turn. A passage that several queries find has the best of its scores. */
async function run({ retriever }: SearchEngine, search: Search, signal: AbortSignal): Promise<readonly Passage[]> {
  const best = new Map<string, Passage>();
  for (const request of search.requests) {
    signal.throwIfAborted();
    for (const passage of (await retriever.query(request, signal)).results) {
      const { uri, ordinal } = passage.source;
      const place = `${ordinal}@${uri}`;
      if (passage.score > (best.get(place)?.score ?? -1)) best.set(place, passage);
    }
  }
  const kept = [...best.values()].filter(({ score }) => score >= search.threshold);
  return kept.sort((one, other) => other.score - one.score).slice(0, search.limit);
}

function resultOf({ content, source, score }: Passage) {
  const attributes = Object.entries(source.metadata).map(([key, value]) => [
    key,
    typeof value === "object" ? value.join(", ") : value,
  ]);
  return {
    file_id: source.uri,
    filename: source.uri.split("#")[0]?.split("/").pop() || source.uri,
    score,
    attributes: Object.fromEntries(attributes),
    content: [{ type: "text", text: content }],
    source,
  };
}

/** Gives every problem under the path the `error` that OpenAI's clients read, and the trace the name that they show. */
function asOpenAi(): MiddlewareHandler<RequestScope> {
  return async (context, next) => {
    await next();
    const traceId = context.get("traceId");
    const problem = context.get("problem");
    if (problem !== undefined) {
      const { headers, status } = context.res;
      const [, ours = "", rest = ""] = /^(\w+)(.*)$/s.exec(problem.field ?? "") ?? [];
      const field = fields[ours] === undefined ? problem.field : fields[ours] + (ours === "filter" ? "" : rest);
      const document = problemDocument({ ...problem, ...(field !== undefined && { field }) }, traceId);
      const error = {
        message: problem.sentence,
        type: typeOf(problemCatalogue[problem.code].status),
        param: field ?? null,
        code: problem.code,
      };
      context.res = new Response(JSON.stringify({ ...document, error }), { headers, status });
    }
    context.res.headers.set("x-request-id", traceId);
  };
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
