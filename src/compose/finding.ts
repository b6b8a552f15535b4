import type { WeaviateFinding } from "../adapters/store/weaviate/diagnosis.ts";

/** One thing looked at: what was found, and what to do where it is not well. */
export interface Finding {
  readonly check:
    | "node"
    | "cpu"
    | "memory"
    | "data folder"
    | "disk"
    | "model"
    | "embedder"
    | "index"
    | "languages"
    | "verification"
    | "language model"
    | "configuration"
    | "concurrency"
    | `weaviate ${WeaviateFinding["check"]}`;
  readonly level: "ok" | "warning" | "error";
  readonly found: string;
  readonly advice?: string;
}
