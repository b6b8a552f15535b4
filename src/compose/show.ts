import { IsthmusError } from "../core/errors.ts";
import { createCutting } from "../core/ingest/pipeline.ts";
import { type Shown, showObject } from "../core/ingest/show.ts";
import type { Source } from "../core/ports.ts";
import type { ObjectRef } from "../core/types.ts";
import { openParsers } from "./parsers.ts";
import type { Runtime } from "./runtime.ts";

/** Reads files as an ingest would, and indexes nothing. */
export interface Showing {
  /** The one object that a source names. @throws `config_invalid` for a folder, `source_not_found`. */
  object(source: Source, location: string): Promise<ObjectRef>;
  show(source: Source, ref: ObjectRef, signal: AbortSignal): AsyncGenerator<Shown>;
  close(): Promise<void>;
}

export async function openShowing({ settings, embedder, analyzer }: Runtime): Promise<Showing> {
  const registry = await openParsers(settings);
  const cutting = createCutting({ registry, embedder, analyzer });
  return {
    async object(source, location) {
      if (source.scope.endsWith("/")) {
        throw new IsthmusError(
          "config_invalid",
          `${location} is a folder; --show reads files. Name one or several of them.`,
        );
      }
      for await (const item of source.list()) {
        if (item.kind === "fault") throw item.error;
        return item.ref;
      }
      throw new IsthmusError("source_not_found", `${location} is left out of what is read, or gone.`);
    },
    show: (source, ref, signal) => showObject(cutting, source, ref, signal),
    close: () => registry.close(),
  };
}
