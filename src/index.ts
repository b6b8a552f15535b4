/** What programs may import: the wired engines, their settings, the HTTP app, and the types and errors they speak in. */

export { type IngestEngine, openIngestEngine } from "./compose/ingest-engine.ts";
export { openQueryEngine, type QueryEngine } from "./compose/query-engine.ts";
export { openRuntime, type Runtime } from "./compose/runtime.ts";
export { openSource } from "./compose/source.ts";
export { parseSettings } from "./config/parse.ts";
export type { Settings } from "./config/settings.ts";
export { type ErrorCode, IsthmusError } from "./core/errors.ts";
export type { IngestEvent, IngestOptions, IngestSummary } from "./core/ingest-types.ts";
export type * from "./core/ports.ts";
export type { Passage, QueryRequest, QueryResult, Retriever } from "./core/retrieve-types.ts";
export type * from "./core/types.ts";
export { createApp } from "./http/app.ts";
