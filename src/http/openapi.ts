import * as z from "zod";
import type { Door, Extension } from "./dependencies.ts";
import { answerExample, documentExample, documentsExample, queryExample, readyExample } from "./openapi-examples.ts";
import { problemCatalogue } from "./problem.ts";
import { answerEvents, answerRequest, answerResponse } from "./schemas/answer.ts";
import { documentRequest, documentResponse } from "./schemas/document.ts";
import { documentSchema, documentsRequest, documentsResponse } from "./schemas/documents.ts";
import { filter } from "./schemas/filter.ts";
import { healthResponse, readyResponse } from "./schemas/health.ts";
import { indexingSchema } from "./schemas/indexing.ts";
import { problemSchema } from "./schemas/problem.ts";
import { passageSchema, queryRequest, queryResponse, sourceSchema } from "./schemas/query.ts";

/** Who checks the keys: the app itself, a gateway before it, or nobody (loopback). */
export type Authentication = "app" | "gateway" | "none";

/**
 * The OpenAPI 3.1 document, made from the schemas that check the requests. Its dialect of JSON Schema is the 2020-12
 * that zod writes, so nothing needs translating. A gateway knows keys in one header only.
 */
export function openApiDocument(
  version: string,
  authentication: Authentication,
  answers: boolean,
  doors: readonly Door[] = [],
  extensions: readonly Extension[] = [],
) {
  const behindGateway = authentication === "gateway";
  const authenticated = authentication === "app";
  const closed = { none: {}, gateway: { security: [{ apiKey: [] }] }, app: appSecurity }[authentication];
  const parts = {
    closed,
    json,
    answer,
    problems: (statuses: readonly number[], schema: string) => problems(authenticated, statuses, schema),
  };
  const described = [...doors, ...extensions].map((each) => each.describe(parts));
  return {
    openapi: "3.1.0",
    info: {
      title: "Isthmus",
      version,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description:
        "Finds the passages of your documents that answer a query, with their sources. Every failure is an RFC 9457 " +
        "problem document; programs decide by its `code`. A `traceparent` header is honoured, and every answer " +
        "carries its trace id in `x-trace-id`.",
    },
    // Relative to this document: a gateway serves it under the name of a stage.
    servers: [{ url: behindGateway ? "." : "/" }],
    paths: mergePaths([
      {
        "/query": {
          post: {
            operationId: "query",
            summary: "Find passages",
            ...closed,
            requestBody: { required: true, content: json("QueryRequest", queryExample.request) },
            responses: {
              "200": {
                ...answer(
                  "Passages, best first; an empty list when nothing was found.",
                  "QueryResponse",
                  queryExample.response,
                ),
              },
              ...problems(authenticated, [400, 403, 408, 413, 415, 429, 500, 503, 504]),
            },
          },
        },
        ...(answers ? answerPath(authenticated, closed) : {}),
        ...documentsPath(authenticated, closed),
        "/healthz": {
          get: {
            operationId: "health",
            summary: "Is the process up?",
            responses: { "200": answer("It is.", "Health", { status: "ok", version }), ...problems(false, [403]) },
          },
        },
        "/readyz": {
          get: {
            operationId: "ready",
            summary: "Would a search be answered now?",
            responses: { "200": answer("It would.", "Ready", readyExample), ...problems(false, [403, 503]) },
          },
        },
        "/openapi.json": {
          get: {
            operationId: "openapi",
            summary: "This document",
            responses: {
              "200": { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } },
              ...problems(false, [403]),
            },
          },
        },
      },
      ...described.map(({ paths }) => paths),
    ]),
    components: {
      schemas: componentSchemas(answers, Object.assign({}, ...described.map(({ schemas }) => schemas))),
      ...(authentication === "none"
        ? {}
        : {
            securitySchemes: {
              apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
              ...(authenticated ? { bearer: { type: "http", scheme: "bearer" } } : {}),
            },
          }),
    },
  };
}

/** A path may have operations from several places. */
function mergePaths(all: readonly object[]): Record<string, object> {
  const paths: Record<string, object> = {};
  for (const [path, operations] of all.flatMap((each) => Object.entries(each))) {
    paths[path] = { ...paths[path], ...operations };
  }
  return paths;
}

const appSecurity = { security: [{ apiKey: [] }, { bearer: [] }] };

function answerPath(authenticated: boolean, closed: object) {
  const whole = answer(
    "Sentences with their quotes, or `abstained`. With `accept: text/event-stream`: the events `passages`, `sentence` for each " +
      "sentence once it is verified, and `done` or `problem`.",
    "AnswerResponse",
    answerExample.response,
  );
  return {
    "/answer": {
      post: {
        operationId: "answer",
        summary: "Answer a question",
        ...closed,
        requestBody: { required: true, content: json("AnswerRequest", answerExample.request) },
        responses: {
          "200": { ...whole, content: { ...whole.content, "text/event-stream": answerStream } },
          ...problems(authenticated, [400, 403, 408, 413, 415, 429, 500, 502, 503, 504]),
        },
      },
    },
  };
}

/** Until OpenAPI 3.2 there is no word for the events of a stream; these are ours, and the client is made from them. */
const answerStream = {
  schema: { type: "string" },
  "x-events": {
    passages: reference("AnswerPassages"),
    sentence: reference("AnswerSentence"),
    done: reference("AnswerDone"),
    problem: reference("Problem"),
  },
  "x-last-event": "done",
};

function documentsPath(authenticated: boolean, closed: object) {
  return {
    "/documents": {
      get: {
        operationId: "documents",
        summary: "List what is in the index",
        ...closed,
        parameters: parametersOf(documentsRequest),
        responses: {
          "200": answer("One page, in the order of URIs.", "DocumentsResponse", documentsExample),
          ...problems(authenticated, [400, 403, 429, 500, 503, 504]),
        },
      },
    },
    "/document": {
      get: {
        operationId: "document",
        summary: "Read one document out of the index",
        ...closed,
        parameters: parametersOf(documentRequest),
        responses: {
          "200": answer("One page of its text.", "DocumentResponse", documentExample),
          ...problems(authenticated, [400, 403, 404, 429, 500, 503, 504]),
        },
      },
    },
  };
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function json(name: string, example: unknown) {
  return { "application/json": { schema: reference(name), example } };
}

const traceHeader = { "x-trace-id": { schema: { type: "string" }, description: "Also `trace_id` of the body." } };

function answer(description: string, name: string, example: unknown) {
  return { description, headers: traceHeader, content: json(name, example) };
}

/** One response for each status, naming the codes that come with it. */
function problems(authenticated: boolean, statuses: readonly number[], schema = "Problem") {
  const content = { "application/problem+json": { schema: reference(schema) } };
  const wanted = authenticated ? [...statuses, 401] : statuses;
  const entries = wanted.map((status) => {
    const codes = Object.entries(problemCatalogue).filter(([, problem]) => problem.status === status);
    const description = codes.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(" ");
    const retry = status === 429 || status === 503;
    const headers = {
      ...traceHeader,
      ...(retry ? { "retry-after": { schema: { type: "integer" }, description: "Seconds to wait." } } : {}),
      ...(status === 401 ? { "www-authenticate": { schema: { type: "string" } } } : {}),
    };
    return [String(status), { description, headers, content }] as const;
  });
  const rest = { description: "Any other problem (404, 405, 431).", headers: traceHeader, content };
  return { ...Object.fromEntries(entries), default: rest };
}

function componentSchemas(answers: boolean, more: Readonly<Record<string, z.ZodType>>) {
  const registry = z.registry<{ id: string }>();
  const named = {
    QueryRequest: queryRequest,
    QueryResponse: queryResponse,
    Passage: passageSchema,
    Source: sourceSchema,
    Indexing: indexingSchema,
    Filter: filter,
    Document: documentSchema,
    DocumentsResponse: documentsResponse,
    DocumentResponse: documentResponse,
    Health: healthResponse,
    Ready: readyResponse,
    Problem: problemSchema.extend({
      code: problemSchema.shape.code.meta({ "x-extensible-enum": Object.keys(problemCatalogue) }),
    }),
    ...(answers ? { AnswerRequest: answerRequest, AnswerResponse: answerResponse, ...answerEvents() } : {}),
    ...more,
  };
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: "input", uri: (id) => `#/components/schemas/${id}` });
  // `$id` and `$schema` belong to documents of their own; inside this one they would change what `$ref` means.
  return Object.fromEntries(Object.entries(schemas).map(([id, { $id, $schema, ...schema }]) => [id, schema]));
}

function parametersOf(schema: z.ZodType) {
  const { properties = {}, required: needed = [] } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === "object" ? property : {};
    return { name, in: "query", required: needed.includes(name), description, schema: rest };
  });
}
