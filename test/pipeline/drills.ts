import type { TestContext } from "node:test";
import { createEdge, type Edge } from "./edge/edge.ts";

export const commit = "1".repeat(40);

/** The bucket of the state, where the pipeline keeps its plans and records too. */
export const state = "gs://example-project-isthmus-state";

/** A place where the clouds' programs are stand-ins, for the length of one test. */
export function edgeFor(context: TestContext): Edge {
  const edge = createEdge();
  context.after(() => edge.remove());
  return edge;
}

/** The calls, as lines, that match. */
export function called(edge: Edge, pattern: RegExp): string[] {
  return edge.lines().filter((line) => pattern.test(line));
}
