import type { Source } from "../ports.ts";

/** What a run answers for: the URIs under a scope, or those of them that are a shard's own. */
export type Extent = Pick<Source, "scope" | "owns">;

/** Whether a URI lies in a scope: a prefix that ends in "/" holds what is under it, anything else holds itself alone. */
export function inScope(uri: string, scope: string): boolean {
  return scope.endsWith("/") ? uri.startsWith(scope) : uri === scope;
}

export function inExtent(uri: string, { scope, owns }: Extent): boolean {
  return inScope(uri, scope) && (owns === undefined || owns(uri));
}
