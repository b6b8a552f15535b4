import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Failure, indexing, keyWanted, type Passage, useKey } from "./api.ts";
import type { Share } from "./drawing.tsx";
import { Rendered } from "./render.tsx";
import { documentAt } from "./route.ts";
import { texts } from "./texts.ts";

/** What a task has come to: still at work, failed, or done. */
export interface Task<Value> {
  value: Value | undefined;
  failure: Failure | undefined;
  busy: boolean;
}

export interface RunningTask<Value> extends Task<Value> {
  /** Seconds that it has run. */
  seconds: number;
  again(): void;
  stop(): void;
}

/**
 * Runs a task again whenever its `key` changes, the newest alone counting; an empty key runs nothing.
 * @param run gives values as they come.
 */
export function useTask<Value>(key: string, run: (signal: AbortSignal) => AsyncIterable<Value>): RunningTask<Value> {
  const task = useSignal<Task<Value>>({ value: undefined, failure: undefined, busy: key !== "" });
  const round = useSignal(0);
  const seconds = useSignal(0);
  const stop = useRef(() => {});
  const shown = useRef("");
  useEffect(() => {
    const leaving = new AbortController();
    // What was asked before is no answer to this.
    const kept = shown.current === key ? task.peek().value : undefined;
    shown.current = key;
    task.value = { value: kept, failure: undefined, busy: key !== "" };
    seconds.value = 0;
    if (key === "") return;
    const began = Date.now();
    const clock = setInterval(() => {
      seconds.value = Math.round((Date.now() - began) / 1000);
    }, 1000);
    leaving.signal.addEventListener("abort", () => clearInterval(clock));
    stop.current = () => {
      if (leaving.signal.aborted || !task.peek().busy) return;
      leaving.abort();
      task.value = { ...task.peek(), failure: new Failure(texts.stopped, 0, "stopped"), busy: false };
    };
    void (async () => {
      try {
        for await (const value of run(leaving.signal)) {
          if (leaving.signal.aborted) return;
          task.value = { value, failure: undefined, busy: true };
        }
        if (!leaving.signal.aborted) task.value = { ...task.peek(), busy: false };
      } catch (error) {
        if (leaving.signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure(String(error), 0, "unexpected");
        task.value = { ...task.peek(), failure, busy: false };
      } finally {
        clearInterval(clock);
      }
    })();
    return () => leaving.abort();
  }, [key, round.value]);
  return {
    ...task.value,
    seconds: seconds.value,
    again() {
      round.value++;
    },
    stop: () => stop.current(),
  };
}

/** A task that gives one value. */
export async function* once<Value>(promise: Promise<Value>): AsyncGenerator<Value> {
  yield await promise;
}

/** Seconds after which a person is told that it takes long, and may stop it. */
const longSeconds = 4;

/** What is said while a task runs, and of one that takes long. */
export function Waiting({
  task: { busy, seconds, stop },
  text,
}: {
  task: Pick<RunningTask<unknown>, "busy" | "seconds" | "stop">;
  text: string;
}) {
  const long = busy && seconds >= longSeconds;
  return (
    <div class="status waiting">
      <span role="status">{busy && (long ? texts.slow : text)}</span>
      {long && (
        <>
          {/* Said once, not every second. */}
          <span aria-hidden="true">{texts.seconds(seconds)}</span>
          <button type="button" onClick={stop}>
            {texts.stop}
          </button>
        </>
      )}
    </div>
  );
}

export function Fault({ failure, again }: { failure: Failure; again?: (() => void) | undefined }) {
  return (
    <div class="fault" role="alert">
      <p>{failure.message}</p>
      {failure.status === 401 ? (
        <Key again={again} />
      ) : (
        again && (
          <button type="button" onClick={again}>
            {texts.again}
          </button>
        )
      )}
    </div>
  );
}

function Key({ again }: { again: (() => void) | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    useKey(field.current?.value ?? "");
    again?.();
  };
  return (
    <form class="key" onSubmit={submit}>
      <label>
        {texts.key.label} <input ref={field} type="password" autocomplete="off" required />
      </label>
      <button type="submit">{texts.key.button}</button>
      <p class="quiet">{texts.key.hint}</p>
    </form>
  );
}

export function Banner() {
  const state = indexing.value;
  if (state === undefined || keyWanted.value) return null;
  const rate =
    state.documents_per_second > 0 && state.done > 0 ? ` ${texts.live.rate(state.documents_per_second)},` : "";
  const left =
    state.left_ms === undefined
      ? ""
      : ` (${rate.trimStart()} ${texts.left(Math.max(1, Math.round(state.left_ms / 1000)))})`;
  return (
    <p class="banner" role="status">
      {texts.indexing(state.done, state.total, state.listing)}
      {left}{" "}
      <progress
        value={state.done}
        max={Math.max(1, state.total)}
        aria-label={texts.indexing(state.done, state.total, state.listing)}
      />
    </p>
  );
}

export function nameOf(uri: string): string {
  const [file = "", ...record] = uri.split("#");
  const name = file.replace(/\/$/, "").split("/").pop() || file;
  return [decoded(name), ...record.map(decoded)].join(" # ");
}

/** For people: letters instead of their escapes. */
export function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/** Characters of a title or heading; a longer one is a text that lost its lines. */
const mostOfName = 300;

export function short(name: string): string {
  return name.length > mostOfName ? `${name.slice(0, mostOfName).toWellFormed()}…` : name;
}

export function score(value: number): string {
  return Math.abs(value) >= 0.0005 || value === 0 ? value.toFixed(3) : value.toPrecision(3);
}

/** One passage of a list, which opens its document at its place. */
export function Hit({
  passage,
  number,
  share,
  children,
}: {
  passage: Passage;
  number: number;
  share: Share;
  children?: ComponentChildren;
}): JSX.Element {
  const { source, content } = passage;
  return (
    <li class="card" id={`passage-${number}`}>
      <header>
        <h2>
          <a href={documentAt(source)}>{short(source.title || nameOf(source.uri))}</a>
        </h2>
        <span class="score" title={texts.search.score}>
          {score(passage.score)}
        </span>
      </header>
      {source.heading !== "" && source.heading !== source.title && <p class="under">{short(source.heading)}</p>}
      <Rendered text={content} uri={source.uri} share={share} />
      <cite>{decoded(source.uri)}</cite>
      {children}
    </li>
  );
}
