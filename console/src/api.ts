import { signal } from "@preact/signals";
import { texts } from "./texts.ts";

/** The server's API as far as the console uses it; `/openapi.json` describes it in full. */
export interface Source {
  uri: string;
  title: string;
  heading: string;
  start: number;
  end: number;
  version: string;
  ordinal: number;
}

export interface Passage {
  content: string;
  source: Source;
  score: number;
}

export interface Standing {
  rank: number;
  score: number;
}

export interface Explanation {
  results: { rankings: { vector?: Standing; keyword?: Standing }; words?: { word: string; weight: number }[] }[];
  words?: { word: string; terms: string[] }[];
  fusion?: { vector: number; keyword: number; unfamiliar: number };
  turned_away: { uri: string; reason: keyof typeof texts.search.reasons; passages: number }[];
  document?: {
    uri: string;
    verdict: string;
    reason: string;
    best?: { rank?: number; score: number; heading: string; ordinal: number };
  };
}

export interface Indexing {
  listing: boolean;
  done: number;
  total: number;
  documents_per_second: number;
  left_ms?: number;
}

export interface QueryAnswer {
  results: Passage[];
  explanation?: Explanation;
  index?: Indexing;
  took_ms: number;
}

export interface Citation {
  quote: string;
  source: Source;
}

export interface Sentence {
  text: string;
  basis: "quoted" | "supported";
  citations: Citation[];
}

export interface AnswerEnd {
  abstained: boolean;
  reason?: keyof typeof texts.ask.abstained;
  generator: string;
  degraded?: boolean;
  /** A code. */
  degraded_reason?: string;
  dropped: Record<string, number>;
  took_ms: number;
}

export interface DocumentFacts {
  uri: string;
  title: string;
  state: "indexed" | "failed" | "skipped";
  version: string | null;
  size: number | null;
  content_type: string | null;
  indexed_at: string | null;
  chunks: number;
  records: number;
  generation?: number;
  reindexed?: number;
  updated_at: string | null;
  faults: { count: number; first: { id: string; code: string; reason: string }[] };
  error?: { code: string; reason: string; attempts: number; at: string };
}

export interface Part {
  uri: string;
  title: string;
  start: number;
  end: number;
  text: string;
  passages: { ordinal: number; heading: string; start: number; end: number }[];
}

export interface DocumentPage {
  document: DocumentFacts;
  parts: Part[];
  next?: number;
}

/** A failure as a sentence for people. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;
  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const keyName = "isthmus-key";
/** Asked for once, and gone with the tab. */
export const key = signal(sessionStorage.getItem(keyName) ?? "");
export const keyWanted = signal(false);
/** How far the server's own scan is, as the last answer told. */
export const indexing = signal<Indexing | undefined>(undefined);

export function useKey(value: string): void {
  sessionStorage.setItem(keyName, value);
  key.value = value;
  keyWanted.value = false;
}

/** What the server says that it has. */
export interface Abilities {
  /** Tells what it is at work on. */
  events: boolean;
  /** Lets documents be added and deleted, though perhaps not by everybody. */
  changes: boolean;
  /** A gateway checks the keys, and says 403 of one that it does not know. */
  gateway: boolean;
}

let told: Promise<Abilities> | undefined;
/** What this page knows of the server, once it has been told. */
export const known = signal<Abilities | undefined>(undefined);

/** Asks the server once. While it says nothing it counts as one that has everything: what it has not, it will refuse. */
export function abilities(): Promise<Abilities> {
  told ??= fetch(addressOf("openapi.json"))
    .then((response) => response.json())
    .then(({ paths, components }) => {
      const { apiKey, bearer } = components.securitySchemes ?? {};
      known.value = {
        events: paths["/events"] !== undefined,
        changes: paths["/document"]?.delete !== undefined,
        gateway: apiKey !== undefined && bearer === undefined,
      };
      return known.value;
    })
    .catch(() => {
      told = undefined;
      return { events: true, changes: true, gateway: false };
    });
  return told;
}

/** Beside this very script: a gateway has the page under the name of a stage, with a slash behind it or without. */
function addressOf(path: string): URL {
  return new URL(path, import.meta.url);
}

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const sent = key.peek();
  if (sent !== "") headers.set("x-api-key", sent);
  let response: Response;
  try {
    response = await fetch(addressOf(path), { ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(texts.unreachable, 0, "unreachable");
  }
  if (response.ok) return response;
  if (response.status === 401) keyWanted.value = true;
  const problem = await response.json().catch(() => ({}));
  if (response.status === 403 && problem.code === "forbidden" && (await abilities()).gateway) {
    keyWanted.value = true;
    throw new Failure(sent === "" ? texts.key.wanted : texts.key.wrong, 401, "unauthenticated");
  }
  throw new Failure(
    String(problem.error ?? `${response.status} ${response.statusText}`),
    response.status,
    String(problem.code ?? ""),
  );
}

/** An answer that goes on. */
export function open(path: string, signal: AbortSignal): Promise<Response> {
  return call(path, { signal });
}

/** A change to one thing, named by its parameters. */
export async function send<Answer>(method: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  return (await (await call(`${path}?${new URLSearchParams(parameters)}`, { method })).json()) as Answer;
}

export async function get<Answer>(
  path: string,
  parameters: Record<string, string>,
  signal?: AbortSignal,
): Promise<Answer> {
  const query = new URLSearchParams(parameters).toString();
  const response = await call(query === "" ? path : `${path}?${query}`, signal ? { signal } : {});
  return (await response.json()) as Answer;
}

function post(path: string, body: object, signal: AbortSignal, accept: string): Promise<Response> {
  const headers = { "content-type": "application/json", accept };
  return call(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

export async function query(body: object, signal: AbortSignal): Promise<QueryAnswer> {
  const answer = (await (await post("query", body, signal, "application/json")).json()) as QueryAnswer;
  indexing.value = answer.index;
  return answer;
}

export type AnswerEvent =
  | { name: "passages"; data: { passages: Passage[]; index?: Indexing } }
  | { name: "sentence"; data: Sentence }
  | { name: "done"; data: AnswerEnd }
  | { name: "problem"; data: { error: string; code: string; status: number } };

/** The events of one answer, as they come. */
export async function* answer(body: object, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  const response = await post("answer", body, signal, "text/event-stream");
  if (response.body === null) return;
  let ended = false;
  for await (const event of events<AnswerEvent>(response.body)) {
    if (event.name === "passages") indexing.value = event.data.index;
    ended ||= event.name === "done" || event.name === "problem";
    yield event;
  }
  if (!ended) throw new Failure(texts.broken, 0, "broken");
}

export async function* events<Event>(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(
          block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        const data = fields.get("data");
        if (data !== undefined) yield { name: fields.get("event"), data: JSON.parse(data) } as Event;
      }
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(texts.broken, 0, "broken");
  } finally {
    await reader.cancel().catch(() => {});
  }
}
