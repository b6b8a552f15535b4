/** Whether a URI lies in a scope: a prefix that ends in "/" holds what is under it, anything else holds itself alone. */
export function inScope(uri: string, scope: string): boolean {
  return scope.endsWith("/") ? uri.startsWith(scope) : uri === scope;
}
