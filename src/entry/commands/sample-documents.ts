import type { IngestEngine } from "../../compose/ingest-engine.ts";
import { removeSample } from "../../compose/sample.ts";
import type { Settings } from "../../config/settings.ts";
import { count, type Output } from "../terminal/output.ts";
import type { Place } from "./places.ts";

/** Takes the sample documents of a bare `isthmus start` out of the index, now that it gets documents of its own. */
export async function makeRoom(
  engine: IngestEngine,
  settings: Settings,
  places: readonly Place[],
  output: Output,
): Promise<void> {
  const scopes = places.map((place) => place.source.scope);
  const removed = await removeSample(engine, settings, scopes);
  if (removed > 0) output.note(`Removed ${count(removed, "sample document")} of the first start, Isthmus's own.`);
}
