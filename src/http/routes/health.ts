import type { Context } from "hono";
import { untilAborted } from "../../core/retry.ts";
import type { ModelIdentity } from "../../core/types.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import { problemOf } from "../failures.ts";
import type { OrProblem, Problem } from "../problem.ts";
import { respondJson, respondProblem } from "../respond.ts";

/** Probes give up soon; none should wait for as long as a search may take. */
const probeMs = 5000;

/** `GET /healthz`: the process is up and answers. Touches nothing else. */
export function healthRoute(services: RouteServices) {
  return (): Response => respondJson({ status: "ok", version: services.version });
}

/** `GET /readyz`: a search would be answered now: the engine has started, and its store is there with the right model. */
export function readyRoute(services: RouteServices) {
  // Probes ask without a key, so however many ask at once, they share one check.
  let checking: Promise<OrProblem<ModelIdentity>> | undefined;
  return async (context: Context<RequestScope>): Promise<Response> => {
    checking ??= check(services).finally(() => {
      checking = undefined;
    });
    const deadline = startRequestDeadline(context, Math.min(services.deadlineMs, probeMs));
    try {
      const checked = await untilAborted(checking, deadline.signal);
      if ("problem" in checked) return respondProblem(context, notReady(checked.problem));
      const { model, dimensions, revision } = checked.value;
      return respondJson({ ready: true, model: { model, dimensions, revision } });
    } catch (error) {
      return respondProblem(context, notReady(problemOf(error)));
    } finally {
      deadline.clear();
    }
  };
}

async function check(services: RouteServices): Promise<OrProblem<ModelIdentity>> {
  const started = await services.engine();
  if ("problem" in started) return started;
  try {
    await started.value.reader.check();
    return { value: started.value.identity };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** A probe knows two answers, so whatever is wrong is a 503 here; the sentence still says what it is. */
function notReady(problem: Problem): Problem {
  if (problem.code === "store_unavailable" || problem.code === "cancelled") return problem;
  const sentence = problem.code === "deadline_exceeded" ? "The check did not finish in time." : problem.sentence;
  return { ...problem, sentence, code: "not_ready", retryAfterSeconds: problem.retryAfterSeconds ?? 5 };
}
