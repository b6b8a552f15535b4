import problems from "../../../infra/serverless/gateway-problems.json" with { type: "json" };
import { type Problem, problemCatalogue, problemResponse } from "../../../src/http/problem.ts";

/** The gateway's own answers, as infra/serverless.yml configures them. */
export function gatewayResponse(type: string, requestId: string, corsOrigin: string | undefined): Response {
  const { code, sentence, field, retryAfterSeconds } = problemOfType(type);
  const response = problemResponse(
    {
      code,
      sentence,
      ...(field !== undefined && { field }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    requestId,
  );
  response.headers.set("x-trace-id", requestId);
  if (corsOrigin !== undefined) {
    response.headers.set("access-control-allow-origin", corsOrigin);
    response.headers.set("vary", "Origin");
  }
  return response;
}

interface GatewayProblem extends Problem {
  readonly type: string;
}

/** The file's rows, each held to the catalogue. */
export const gatewayProblems: readonly GatewayProblem[] = problems.map((row) => {
  const code = Object.keys(problemCatalogue).find((known) => known === row.code) as Problem["code"] | undefined;
  if (code === undefined) throw new Error(`gateway-problems.json names ${row.code}, which is no code of the API.`);
  return { ...row, code };
});

function problemOfType(type: string): GatewayProblem {
  const problem = gatewayProblems.find((row) => row.type === type);
  if (problem === undefined) throw new Error(`gateway-problems.json lacks ${type}.`);
  return problem;
}
