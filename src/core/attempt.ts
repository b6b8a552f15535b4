import { IsthmusError } from "./errors.ts";
import type { OpenAttempt } from "./ports.ts";
import type { Attempt, Commit, Committed, StoredChunk } from "./types.ts";

/** What a store does for one attempt; `openAttempt` sees to it that nothing is asked out of turn. */
export interface AttemptSteps {
  put(chunks: readonly StoredChunk[]): Promise<void>;
  commit(commit: Commit): Promise<Committed>;
  abandon(): Promise<void>;
  /** Told once, when nothing more will come of the attempt. */
  end?(): void;
}

/**
 * Holds an attempt to its promises, alike for every store: chunks in order and each once, as many as the commit says,
 * vectors of the index's own length, one commit, and nothing after it.
 *
 * @throws `embedder_mismatch` for a vector of another length; `internal` for any other broken promise, by its name.
 */
export function openAttempt(id: string, attempt: Attempt, dimensions: number, steps: AttemptSteps): OpenAttempt {
  let next = 0;
  let state: "open" | "committing" | "ended" = "open";
  const end = () => {
    if (state !== "ended") steps.end?.();
    state = "ended";
  };
  const broken = (what: string) => new IsthmusError("internal", `An attempt at ${attempt.uri} ${what}.`);
  return {
    id,
    async put(chunks) {
      if (state !== "open") throw broken("was written to after its end");
      for (const { ordinal, vector } of chunks) {
        if (ordinal !== next) throw broken(`has chunk ${ordinal} where ${next} comes next`);
        next++;
        if (vector.length === dimensions) continue;
        const text = `A vector of ${vector.length} dimensions for ${attempt.uri} does not fit the index, which holds ${dimensions}.`;
        throw new IsthmusError("embedder_mismatch", text);
      }
      if (chunks.length > 0) await steps.put(chunks);
    },
    async commit(commit) {
      if (state === "ended") throw broken("was committed twice");
      if (commit.uri !== attempt.uri) throw broken(`was committed as ${commit.uri}`);
      if (commit.state !== "indexed") throw broken("was committed as a tombstone");
      if (commit.chunks !== next) throw broken(`was committed with ${commit.chunks} chunks, and ${next} were put`);
      // From here on it may have happened, whatever is heard of it. One that failed may be tried again.
      state = "committing";
      const committed = await steps.commit(commit);
      end();
      return committed;
    },
    async abandon() {
      const untried = state === "open";
      end();
      if (untried && next > 0) await steps.abandon();
    },
  };
}
