// Stands in for the Node runtime inside a container: imports the handler and asks the Runtime API for events, as documented
// at https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Plain JavaScript, so that a start costs what it costs there.

import { once } from "node:events";
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";

const api = process.env.AWS_LAMBDA_RUNTIME_API;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const [hostname, port] = api.split(":");
    const sent = request({ hostname, port, method, path: `/2018-06-01/runtime/${path}`, agent }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(pieces).toString("utf8") }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function described(error) {
  const { name = "Error", message = String(error), stack = "" } = error instanceof Error ? error : {};
  return { errorType: name, errorMessage: message, stackTrace: stack.split("\n").slice(1) };
}

/** As https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html tells a function what it may use. */
const streams = Symbol("streams");
const preludes = new WeakMap();
globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [streams]: true }),
  HttpResponseStream: {
    from(stream, metadata) {
      preludes.set(stream, Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8)]));
      return stream;
    },
  },
};

/** A response that is sent while it is written, with the trailers of https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html */
function streamedResponse(id) {
  const [hostname, port] = api.split(":");
  let sent;
  const open = (stream) => {
    if (sent !== undefined) return;
    const prelude = preludes.get(stream);
    const headers = {
      "lambda-runtime-function-response-mode": "streaming",
      "transfer-encoding": "chunked",
      trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      "content-type":
        prelude === undefined ? "application/octet-stream" : "application/vnd.awslambda.http-integration-response",
    };
    sent = request({ hostname, port, method: "POST", path: `/2018-06-01/runtime/invocation/${id}/response`, headers });
    if (prelude !== undefined) sent.write(prelude);
  };
  const stream = new Writable({
    write(piece, encoding, done) {
      open(stream);
      sent.write(piece, encoding, done);
    },
    final(done) {
      open(stream);
      sent.end(done);
    },
  });
  return {
    stream,
    async ended(error) {
      open(stream);
      const response = once(sent, "response");
      if (error !== undefined) {
        const described_ = described(error);
        sent.addTrailers({
          "Lambda-Runtime-Function-Error-Type": described_.errorType,
          "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(described_)).toString("base64"),
        });
        sent.end();
      } else if (!stream.writableEnded) stream.end();
      const [answer] = await response;
      answer.resume();
      await once(answer, "end");
    },
  };
}

async function load() {
  const [file, name] = process.env._HANDLER.split(".");
  const path = ["mjs", "js", "cjs"]
    .map((extension) => join(process.env.LAMBDA_TASK_ROOT, `${file}.${extension}`))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`No module ${file} in ${process.env.LAMBDA_TASK_ROOT}`);
  const handler = (await import(pathToFileURL(path).href))[name];
  if (typeof handler !== "function") throw new Error(`${process.env._HANDLER} is not a function`);
  return handler;
}

let handler;
try {
  handler = await load();
} catch (error) {
  await call("POST", "init/error", described(error));
  process.exit(1);
}

for (;;) {
  const { headers, body } = await call("GET", "invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  if (handler[streams] === true) {
    const { stream, ended } = streamedResponse(id);
    const failed = await Promise.resolve(handler(JSON.parse(body), stream, context)).then(
      () => undefined,
      (error) => error ?? new Error("rejected with nothing"),
    );
    await ended(failed);
    continue;
  }
  try {
    const result = await handler(JSON.parse(body), context);
    await call("POST", `invocation/${id}/response`, result ?? null);
  } catch (error) {
    await call("POST", `invocation/${id}/error`, described(error));
  }
}
