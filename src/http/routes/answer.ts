import type { Context } from "hono";
import { wholeAnswer } from "../../core/answer/answer.ts";
import type { AnswerEvent, AnswerRequest } from "../../core/answer/types.ts";
import { checkQuery } from "../../core/retrieve.ts";
import { answerBody, endBody, passageBody } from "../answer-body.ts";
import { readJson } from "../body.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import type { SearchEngine } from "../engine.ts";
import { problemOf } from "../failures.ts";
import { type OrProblem, type Problem, problemDocument } from "../problem.ts";
import { respondJson, respondProblem } from "../respond.ts";
import { answerRequest } from "../schemas/answer.ts";
import { indexingBody } from "../schemas/indexing.ts";
import { withoutPrototypeKeys, withPrototypeKeys } from "../schemas/prototype-keys.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";

/** `POST /answer`: sentences that were held to the passages; whole, or as they are verified for who accepts an event stream. */
export function answerRoute(shared: RouteServices) {
  const services = { ...shared, limiter: shared.answerLimiter };
  return async (context: Context<RequestScope>): Promise<Response> => {
    const deadline = startRequestDeadline(context, services.answerDeadlineMs);
    let streaming = false;
    try {
      const body = await readJson(context.req.raw, deadline.signal);
      if ("problem" in body) return respondProblem(context, body.problem);
      const request = requestOf(body.value, context.get("caller"));
      if ("problem" in request) return respondProblem(context, request.problem);
      if (/\btext\/event-stream\b/i.test(context.req.header("accept") ?? "")) {
        const stream = await startStream(
          services,
          request.value,
          deadline.signal,
          context.get("traceId"),
          deadline.clear,
        );
        streaming = "value" in stream;
        return "value" in stream ? stream.value : respondProblem(context, stream.problem);
      }
      const found = await runWork(services, deadline.signal, (engine) =>
        wholeAnswer(eventsOf(engine, request.value, deadline.signal)),
      );
      if ("problem" in found) return respondProblem(context, found.problem);
      return respondJson({
        ...answerBody(found.value),
        ...indexOf(services),
        trace_id: context.get("traceId"),
      });
    } finally {
      if (!streaming) deadline.clear();
    }
  };
}

function requestOf(body: unknown, caller: string): OrProblem<AnswerRequest> {
  const typed = validate(answerRequest, withoutPrototypeKeys(body));
  if ("problem" in typed) return typed;
  const { question, filter } = withPrototypeKeys(typed.value);
  try {
    checkQuery({ query: question, ...(filter && { filter }) });
    return { value: { question, caller, ...(filter && { filter }) } };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function eventsOf(engine: SearchEngine, request: AnswerRequest, signal: AbortSignal): AsyncIterable<AnswerEvent> {
  if (engine.answerer === undefined) throw new Error("an app that answers has an engine that does");
  return engine.answerer.answer(request, signal);
}

/**
 * The answer as server-sent events: `passages`, each `sentence`, then `done` or `problem`. What fails before the first event is an
 * ordinary problem response. The work keeps its turn until the last event.
 */
async function startStream(
  services: RouteServices,
  request: AnswerRequest,
  deadline: AbortSignal,
  traceId: string,
  ended: () => void,
): Promise<OrProblem<Response>> {
  const left = new AbortController();
  const signal = AbortSignal.any([deadline, left.signal]);
  const encoder = new TextEncoder();
  let begin: (outcome: OrProblem<Response>) => void = () => {};
  const begun = new Promise<OrProblem<Response>>((resolve) => {
    begin = resolve;
  });
  let open = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      open = false;
      left.abort(new DOMException("The reader went away.", "AbortError"));
    },
  });
  const send = (name: string, data: unknown) => {
    if (open) controller?.enqueue(encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  };
  const headers = { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" };
  let sent = false;
  const fail = (problem: Problem) => {
    if (sent) send("problem", problemDocument(problem, traceId));
    else begin({ problem });
  };
  void runWork(services, signal, async (engine) => {
    for await (const event of eventsOf(engine, request, signal)) {
      send(event.kind, dataOf(event, services, traceId));
      if (!sent) begin({ value: new Response(body, { headers }) });
      sent = true;
    }
  })
    .then((outcome) => {
      if ("problem" in outcome) fail(outcome.problem);
    })
    .finally(() => {
      ended();
      if (open) controller?.close();
      open = false;
    });
  return await begun;
}

/** Says that not everything can be found yet, where that is so. */
function indexOf({ indexing }: RouteServices) {
  const state = indexing?.();
  return state && { index: indexingBody(state) };
}

function dataOf(event: AnswerEvent, services: RouteServices, traceId: string): unknown {
  if (event.kind === "passages") {
    return { passages: event.passages.map(passageBody), ...indexOf(services), trace_id: traceId };
  }
  return event.kind === "sentence" ? event.sentence : { ...endBody(event.end), trace_id: traceId };
}
