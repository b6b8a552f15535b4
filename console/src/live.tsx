import { effect, signal } from "@preact/signals";
import { abilities, events, Failure, indexing, key, open } from "./api.ts";
import { decoded, nameOf } from "./parts.tsx";
import { documentAt } from "./route.ts";
import { texts } from "./texts.ts";

interface LiveTask {
  id: number;
  kind: keyof typeof texts.live.kinds;
  listing: boolean;
  done: number;
  total: number;
  failed: number;
  documents_per_second: number;
  left_ms?: number;
}

interface LiveState {
  tasks: LiveTask[];
  recent: { uri: string; outcome: keyof typeof texts.live.outcomes; at: string; reason?: string }[];
  changes: number;
}

/** What the server is at work on; undefined while it tells nothing. */
export const live = signal<LiveState | undefined>(undefined);

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** Follows the server as long as the page is seen: a browser has few connections for one server, and each page takes one. */
export function follow(): void {
  let current: AbortController | undefined;
  const begin = () => {
    current?.abort();
    current = undefined;
    if (document.visibilityState === "hidden") return;
    current = new AbortController();
    void listen(current.signal);
  };
  document.addEventListener("visibilitychange", begin);
  effect(() => {
    key.value;
    begin();
  });
}

async function listen(leaving: AbortSignal): Promise<void> {
  // Where there is no such stream nothing is asked for.
  if (!(await abilities()).events) return;
  for (let pauseMs = firstPauseMs; !leaving.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      const { body } = await open("events", leaving);
      if (body !== null) {
        for await (const { data } of events<{ name: string; data: LiveState }>(body)) {
          pauseMs = firstPauseMs;
          show(data);
        }
      }
    } catch (error) {
      // A server that has no such stream, or wants a key first: there is nothing to ask again.
      if (error instanceof Failure && [401, 403, 404].includes(error.status)) return;
    }
    if (leaving.aborted) return;
    live.value = undefined;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function show(state: LiveState): void {
  const scans = ({ tasks }: LiveState) => tasks.find(({ kind }) => kind === "scan");
  const scan = scans(state);
  // What the last answer told is over with the scan.
  if (scan !== undefined || (live.peek() && scans(live.peek() as LiveState))) indexing.value = scan;
  live.value = state;
}

const { live: words } = texts;

/** What runs now; the scan of the start has its own place on every page. */
export function Tasks() {
  const tasks = (live.value?.tasks ?? []).filter(({ kind }) => kind !== "scan");
  return (
    <div class="tasks" role="status" aria-label={words.now}>
      {tasks.map((task) => (
        <div class="task" key={task.id}>
          <span>{words.kinds[task.kind]}</span>
          <progress value={task.done} max={Math.max(1, task.total)} aria-label={words.kinds[task.kind]} />
          <span class="quiet small">{pace(task)}</span>
        </div>
      ))}
    </div>
  );
}

function pace({ done, total, listing, failed, documents_per_second: rate, left_ms: left }: LiveTask): string {
  return [
    words.done(done, total, listing),
    failed > 0 ? words.failed(failed) : "",
    done > 0 && rate > 0 ? words.rate(rate) : "",
    left === undefined ? "" : texts.left(Math.max(1, Math.round(left / 1000))),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

export function Lately() {
  const recent = live.value?.recent ?? [];
  if (recent.length === 0) return null;
  return (
    <section class="lately">
      <h2>{words.lately}</h2>
      <ul>
        {recent.map(({ uri, outcome, at, reason }) => (
          <li key={`${at} ${uri}`}>
            <time class="quiet small" dateTime={at}>
              {new Date(at).toLocaleTimeString("en", { timeStyle: "short" })}
            </time>{" "}
            <span class={`state ${outcome}`}>{words.outcomes[outcome]}</span>{" "}
            {outcome === "removed" ? (
              <span>{nameOf(uri)}</span>
            ) : (
              <a href={documentAt({ uri, ordinal: 0 })} title={decoded(uri)}>
                {nameOf(uri)}
              </a>
            )}
            {reason !== undefined && <span class="small reason">{reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
