import { homedir } from "node:os";
import { join } from "node:path";

/** Where benches keep what is costly to make: `ISTHMUS_CACHE_DIR/bench`, or `~/.cache/isthmus/bench`. */
export function benchCache(): string {
  const cache = process.env["ISTHMUS_CACHE_DIR"];
  return join(cache === undefined ? join(homedir(), ".cache", "isthmus") : cache, "bench");
}
