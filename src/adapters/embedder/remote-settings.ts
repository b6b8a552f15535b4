/** An OpenAI-compatible `/v1/embeddings` endpoint (OpenAI, TEI, vLLM, Ollama, …). */
export interface RemoteEmbedderOptions {
  /** Base URL up to and including `/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly model: string;
  readonly dimensions: number;
  /** Longest text sent, in tokens as `countTokens` estimates them. */
  readonly maxTokens: number;
  /** Texts in one request. */
  readonly maxBatch: number;
}

/** For tests and for hosts with a `fetch` of their own. */
export interface RemoteEmbedderEnvironment {
  readonly fetch?: typeof fetch;
  /** Milliseconds for one request, the body included; default 60,000. */
  readonly timeoutMs?: number;
  /** Requests in flight worth having; default 4. */
  readonly maxConcurrency?: number;
}
