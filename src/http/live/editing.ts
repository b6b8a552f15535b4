import type { Context } from "hono";
import * as z from "zod";
import { startDeadline } from "../../core/deadline.ts";
import { IsthmusError } from "../../core/errors.ts";
import { untilAborted } from "../../core/retry.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { Extension, OpenApiParts, RequestScope, RouteServices } from "../dependencies.ts";
import { problemOf } from "../failures.ts";
import { parametersOf } from "../parameters.ts";
import { type OrProblem, type Problem, problemCatalogue } from "../problem.ts";
import { respondProblem } from "../respond.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";

/** What a person may ask of a server that writes: to take a document in, to read it again, to drop it. */
export interface Editing {
  /** Bytes of one file. */
  readonly maxBytes: number;
  /**
   * Keeps a file and has it indexed. Nothing is kept unless all of it arrived.
   * @param name as it is called where it comes from; what no file may be called is left out of it.
   */
  add(file: UploadedFile): Promise<Edited>;
  /** Has a document read again, whatever became of it before. @throws `Refusal` */
  retry(uri: string): Promise<Edited>;
  /** Takes a document out of the index; a file that came by `add` goes with it. */
  remove(uri: string): Promise<Removed>;
  /** Whether it came by `add`, and the index may not have it yet. */
  adding(uri: string): boolean;
}

interface UploadedFile {
  readonly name: string;
  /** Takes the place of one of the same name. */
  readonly replace: boolean;
  readonly bytes: AsyncIterable<Uint8Array>;
}

interface Edited {
  readonly uri: string;
}

interface Removed extends Edited {
  /** Its file was one that came by `add`, and is gone too. Else it stays, and the next scan of its place brings the document back. */
  readonly file: "removed" | "kept";
}

/** What is asked for cannot be, for a reason that the caller can do something about. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.sentence);
    this.problem = problem;
  }
}

/** Milliseconds for one upload, and for a pause in it. */
const uploadPatience = { wholeMs: 600_000, pauseMs: 30_000 } as const;
type Patience = Readonly<Record<keyof typeof uploadPatience, number>>;

const uriParameter = z
  .string({ error: "uri is missing: the URI of a document, as the index has it." })
  .min(1, { error: "uri is empty: give the URI of a document, as the index has it." })
  .max(4096, { error: "uri may have at most 4,096 characters." })
  .meta({ description: "Of the document, as the index has it; of a record, the URI of its file." });
const documentRequest = z.strictObject({ uri: uriParameter });
const uploadRequest = z.strictObject({
  name: z
    .string({ error: "name is missing: what the file is called." })
    .min(1, { error: "name is empty: say what the file is called." })
    .max(1000, { error: "name may have at most 1,000 characters." })
    .meta({ description: "What the file is called; its end tells what it is, as in report.pdf." }),
  replace: z
    .enum(["true", "false"], { error: "replace is true or false." })
    .default("false")
    .meta({ description: "Take the place of a file of the same name that was added before." }),
});

const acceptedResponse = z.object({
  uri: z.string().meta({ description: "Of the document. What becomes of it: GET /document, or GET /events." }),
  trace_id: z.string(),
});
const removedResponse = z.object({
  uri: z.string(),
  file: z.enum(["removed", "kept"]).meta({
    description:
      "`removed`: it was added over this API, and its file is gone too. `kept`: its file lies where it lay, and the next scan of its place brings the document back.",
  }),
  trace_id: z.string(),
});

/** `POST /documents`, `POST /document/retry` and `DELETE /document`: for those who may write. */
export function editingExtension(editing: Editing, patience: Patience = uploadPatience): Extension {
  const route =
    (status: number, work: (context: Context<RequestScope>, services: RouteServices) => Promise<OrProblem<object>>) =>
    (services: RouteServices) =>
    async (context: Context<RequestScope>): Promise<Response> => {
      const done = await work(context, services).catch((thrown: unknown) => ({ problem: refusalOf(thrown) }));
      if ("problem" in done) return respondProblem(context, done.problem);
      return Response.json({ ...done.value, trace_id: context.get("traceId") }, { status });
    };
  const ofDocument = (change: "retry" | "remove") =>
    route(change === "retry" ? 202 : 200, async (context, services) => {
      const request = requestOf(context, documentRequest);
      if ("problem" in request) return request;
      const deadline = startRequestDeadline(context, services.deadlineMs);
      try {
        const { uri } = request.value;
        // Before the index is asked: what is through by then is in it.
        const adding = editing.adding(uri);
        // Nothing else is ever read or removed: a URI is no way to files that were not indexed.
        const found = await runWork(services, deadline.signal, ({ reader }) => reader.entries([uri], deadline.signal));
        if ("problem" in found) return found;
        const [entry] = found.value;
        if (!adding && entry?.current?.state !== "indexed" && entry?.failure === undefined) {
          const sentence = "The index has no document of this URI. GET /documents lists what there is.";
          return { problem: { code: "document_not_found", sentence, field: "uri" } };
        }
        return { value: await untilAborted(editing[change](uri), deadline.signal) };
      } finally {
        deadline.clear();
      }
    });
  return {
    routes: [
      {
        method: "POST",
        path: "/documents",
        writes: true,
        handle: route(202, (context) => upload(editing, patience, context)),
      },
      { method: "POST", path: "/document/retry", writes: true, handle: ofDocument("retry") },
      { method: "DELETE", path: "/document", writes: true, handle: ofDocument("remove") },
    ],
    describe: (parts) => describe(parts, editing.maxBytes),
  };
}

async function upload(
  editing: Editing,
  patience: Patience,
  context: Context<RequestScope>,
): Promise<OrProblem<object>> {
  const request = requestOf(context, uploadRequest);
  if ("problem" in request) return request;
  const { headers, body, signal: client } = context.req.raw;
  // No form of a page can send this type: a page of another site has to ask first, and is told no.
  if (headers.get("content-type")?.toLowerCase() !== "application/octet-stream") {
    const sentence = "Send the file's bytes as they are, with the header `content-type: application/octet-stream`.";
    return { problem: { code: "unsupported_media_type", sentence } };
  }
  if (Number(headers.get("content-length") ?? 0) > editing.maxBytes) return { problem: tooLarge(editing.maxBytes) };
  if (body === null)
    return { problem: { code: "query_invalid", sentence: "The body is empty: send the file's bytes." } };
  const deadline = startDeadline(patience.wholeMs, client);
  try {
    const { name, replace } = request.value;
    const bytes = bounded(body, editing.maxBytes, patience.pauseMs, deadline.signal);
    return { value: await editing.add({ name, replace: replace === "true", bytes }) };
  } finally {
    deadline.clear();
  }
}

/** The bytes as they arrive: no more than may be, and never waiting for ever. @throws `Refusal` */
async function* bounded(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  pauseMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  let length = 0;
  let late = false;
  // Cancelling settles a pending read.
  const stop = () => void reader.cancel().catch(() => {});
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, pauseMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new Refusal({
          code: "bad_request",
          sentence: "The file broke off before all of it arrived. Nothing was kept.",
        });
      });
      if (late || signal.aborted) {
        throw new Refusal({ code: "request_timeout", sentence: "The file did not arrive in time. Nothing was kept." });
      }
      if (done) return;
      timer.refresh();
      length += value.byteLength;
      if (length > maxBytes) throw new Refusal(tooLarge(maxBytes));
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function tooLarge(maxBytes: number): Problem {
  return {
    code: "body_too_large",
    sentence: `A file may have at most ${maxBytes.toLocaleString("en")} bytes here. Put a larger one into a folder, and index that.`,
  };
}

function requestOf<Schema extends z.ZodType>(
  context: Context<RequestScope>,
  schema: Schema,
): OrProblem<z.output<Schema>> {
  const parameters = parametersOf(new URL(context.req.url).searchParams, []);
  return "problem" in parameters ? parameters : validate(schema, parameters.value);
}

/** The key of Weaviate may not write, or the file of SQLite may not be written. */
export function isReadOnly({ code }: IsthmusError): boolean {
  return code === "store_denied";
}

export const readOnlySentence =
  "This server may read its index and not write it. Give it a key, or a data folder, that it may write, then ask again.";

function refusalOf(thrown: unknown): Problem {
  if (thrown instanceof Refusal) return thrown.problem;
  const problem = problemOf(thrown);
  if (thrown instanceof IsthmusError && isReadOnly(thrown))
    return { code: "index_read_only", sentence: readOnlySentence, cause: thrown };
  if (problem.code !== "store_unavailable" || !(problem.cause instanceof Error && "code" in problem.cause))
    return problem;
  if (problem.cause.code !== "store_locked") return problem;
  const sentence = "Another program is writing to this index just now. Ask again when it is through.";
  return { code: "index_locked", sentence, cause: thrown };
}

function describe({ closed, problems, answer }: OpenApiParts, maxBytes: number) {
  const parametersOf = (schema: z.ZodType) => {
    const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
    return Object.entries(properties).map(([name, property]) => {
      const { description, ...rest } = typeof property === "object" ? property : {};
      return { name, in: "query", required: required.includes(name), description, schema: rest };
    });
  };
  const example = { uri: "file:///data/uploads/report.pdf", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" };
  return {
    paths: {
      "/documents": {
        post: {
          operationId: "addDocument",
          summary: "Add a file",
          description: `It is kept in the server's data folder and indexed from there. ${problemCatalogue.forbidden.title} without the right to write.`,
          ...closed,
          parameters: parametersOf(uploadRequest),
          requestBody: {
            required: true,
            content: {
              "application/octet-stream": {
                schema: { type: "string", format: "binary", description: `At most ${maxBytes} bytes.` },
              },
            },
          },
          responses: {
            "202": answer("All of it has arrived, and it will be indexed in its turn.", "AcceptedDocument", example),
            ...problems([400, 403, 408, 409, 413, 415, 429, 500, 507], "Problem"),
          },
        },
      },
      "/document": {
        delete: {
          operationId: "deleteDocument",
          summary: "Take a document out of the index",
          ...closed,
          parameters: parametersOf(documentRequest),
          responses: {
            "200": answer("It is gone.", "RemovedDocument", { ...example, file: "removed" }),
            ...problems([400, 403, 404, 409, 429, 500, 503, 504], "Problem"),
          },
        },
      },
      "/document/retry": {
        post: {
          operationId: "retryDocument",
          summary: "Read a document again",
          ...closed,
          parameters: parametersOf(documentRequest),
          responses: {
            "202": answer("It will be read again in its turn.", "AcceptedDocument", example),
            ...problems([400, 403, 404, 429, 500, 503, 504], "Problem"),
          },
        },
      },
    },
    schemas: { AcceptedDocument: acceptedResponse, RemovedDocument: removedResponse },
  };
}
