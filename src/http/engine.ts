import type { Answerer } from "../core/answer/types.ts";
import type { StoreReader } from "../core/ports.ts";
import type { Retriever } from "../core/retrieve-types.ts";
import type { ModelIdentity } from "../core/types.ts";
import { startProblemOf } from "./failures.ts";
import type { OrProblem } from "./problem.ts";

/** What the routes ask: the read half of the system. */
export interface SearchEngine {
  readonly identity: ModelIdentity;
  readonly retriever: Retriever;
  readonly reader: StoreReader;
  /** Where the app answers questions (`AppDependencies.answers`). */
  readonly answerer?: Answerer;
}

/** The engine itself, or a function that starts it at the first request that needs it. */
export type EngineProvider = SearchEngine | (() => Promise<SearchEngine>);

/** Gives the engine, or the problem that kept it from starting. */
export type StartedEngine = () => Promise<OrProblem<SearchEngine>>;

/** Starts the engine once, for all requests that wait for it together. A failure is not kept: the next request tries again. */
export function startOnce(provider: EngineProvider): StartedEngine {
  if (typeof provider !== "function") return async () => ({ value: provider });
  let starting: Promise<SearchEngine> | undefined;
  return async () => {
    starting ??= Promise.resolve().then(provider);
    const attempt = starting;
    try {
      return { value: await attempt };
    } catch (error) {
      if (starting === attempt) starting = undefined;
      return { problem: startProblemOf(error) };
    }
  };
}
