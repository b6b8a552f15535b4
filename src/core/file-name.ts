/** The last part of a URI's path: decoded for a file, as it is for an object, whose name is in its URI verbatim. */
export function fileName(uri: string): string {
  const last = uri.slice(uri.lastIndexOf("/") + 1);
  if (!uri.startsWith("file:")) return last;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
