// The answer function: what Lambda imports. It streams where the runtime and the gateway do.
import { createAnswerFunction } from "../compose/answer-function.ts";
import { parseAnswerFunction, streamsAnswers } from "../config/answer-function.ts";
import { answerRoute } from "../http/routes/answer.ts";
import { asksForDoctor, examine } from "./lambda/doctor.ts";
import { type FunctionContext, startFunction } from "./lambda/function.ts";
import { createHandler, createResponder } from "./lambda/handler.ts";
import { logFailure } from "./lambda/log.ts";
import { type ResponseStream, streamingRuntime } from "./lambda/streaming.ts";

/** Of one answer: the gateway gives an integration up at 29 s, and a status that is out cannot be taken back. */
const answerMs = 28_000;

const started = await startFunction({
  name: "isthmus-answer",
  parse: parseAnswerFunction,
  create: (settings, telemetry) =>
    createAnswerFunction(settings, telemetry, (error) =>
      logFailure("the language model failed, the documents answered", error),
    ),
  answerDeadlineMs: answerMs,
  answers: answerRoute,
});
const streaming = streamsAnswers(process.env) ? streamingRuntime() : undefined;

/** Proxy events of API Gateway, and the one event of our own. */
export const handler = streaming === undefined ? whole() : streaming.handler(stream);

/** The answer in one piece, for a gateway that does not stream. */
function whole() {
  const handle = createHandler(started);
  return async (event: unknown, context: FunctionContext) => {
    try {
      return asksForDoctor(event) ? await examine(() => started.steps.diagnose()) : await handle(event, context);
    } finally {
      started.answered(context);
    }
  };
}

async function stream(event: unknown, output: ResponseStream, context: FunctionContext): Promise<void> {
  try {
    if (asksForDoctor(event)) output.end(JSON.stringify(await examine(() => started.steps.diagnose())));
    else await streaming?.send(await respond(event, context), output);
  } finally {
    started.answered(context);
  }
}

function respond(event: unknown, context: FunctionContext): Promise<Response> {
  return createResponder(started)(event, context);
}
