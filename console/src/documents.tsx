import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DocumentFacts } from "./api.ts";
import { get, known } from "./api.ts";
import { Adding, mayWrite } from "./changing.tsx";
import { when } from "./document.tsx";
import { live, Tasks } from "./live.tsx";
import { decoded, Fault, nameOf, short, useTask, Waiting } from "./parts.tsx";
import { documentAt, go, noDocument, parameter } from "./route.ts";
import { texts } from "./texts.ts";

const pageSize = 500;
/** Rows that are drawn at once; more are asked for by hand. */
const rowsShown = 200;
/** Documents that are loaded by themselves, for a look at the whole. */
const loadedAtOnce = 5_000;

interface Page {
  documents: DocumentFacts[];
  next?: string;
  may_write?: true;
}

export interface Listing {
  documents: DocumentFacts[];
  /** There are more than were loaded. */
  more: boolean;
}

/** The documents of the index, page by page, up to as many. */
export async function* listing(most: number, signal: AbortSignal): AsyncGenerator<Listing> {
  let documents: DocumentFacts[] = [];
  let next: string | undefined;
  do {
    const page: Page = await get<Page>(
      "documents",
      { limit: String(pageSize), ...(next !== undefined && { after: next }) },
      signal,
    );
    mayWrite.value = page.may_write === true;
    documents = [...documents, ...page.documents];
    next = page.next;
    yield { documents, more: next !== undefined };
  } while (next !== undefined && documents.length < most);
}

export function bytes(count: number | null): string {
  if (count === null) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  let left = count;
  for (; left >= 1000 && at < units.length - 1; at++) left /= 1000;
  return `${at === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)} ${units[at]}`;
}

/** After a change the list is loaded again so much later, however many come. */
const changesRestMs = 500;
const states = ["all", "indexed", "failed", "skipped"] as const;
const { documents: words } = texts;

export function Documents() {
  const most = useSignal(loadedAtOnce);
  const rows = useSignal(rowsShown);
  const task = useTask(`documents ${most.value}`, (signal) => listing(most.value, signal));
  const { value, failure, busy } = task;
  const changes = live.value?.changes;
  const { again } = task;
  useEffect(() => {
    if (changes === undefined) return;
    // In a scan they change many times a second.
    const timer = setTimeout(again, changesRestMs);
    return () => clearTimeout(timer);
  }, [changes === undefined, busy ? undefined : changes]);
  const wanted = parameter("name").toLowerCase();
  const state = states.find((known) => known === parameter("state")) ?? "all";
  const found = (value?.documents ?? []).filter(
    (document) =>
      (state === "all" || document.state === state) &&
      `${decoded(document.uri)} ${document.title}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <h1>{texts.pages.documents}</h1>
      <p class="lead">{words.lead}</p>
      {known.value?.changes === false && <p class="quiet">{words.readOnly}</p>}
      <Adding />
      <Tasks />
      <search>
        <form onSubmit={(event) => event.preventDefault()}>
          <div class="how">
            <label>
              {words.filter}{" "}
              <input
                type="search"
                defaultValue={parameter("name")}
                onInput={(event) => go({ name: event.currentTarget.value, ...noDocument })}
                data-slash
              />
            </label>
            <label>
              {words.state}{" "}
              <select
                value={state}
                onChange={(event) =>
                  go({ state: event.currentTarget.value === "all" ? "" : event.currentTarget.value, ...noDocument })
                }
              >
                {states.map((known) => (
                  <option value={known}>{words.states[known]}</option>
                ))}
              </select>
            </label>
          </div>
        </form>
      </search>
      {(value === undefined || (busy && task.seconds > 3)) && (
        <Waiting task={task} text={value === undefined ? texts.loading : ""} />
      )}
      {value && (
        <p class="status" role="status">
          {words.shown(found.length, value.documents.length, value.more)}
        </p>
      )}
      {failure && <Fault failure={failure} again={task.again} />}
      {value && found.length === 0 && !busy && <p>{words.none}</p>}
      {found.length > 0 && <Table documents={found.slice(0, rows.value)} />}
      {(found.length > rows.value || (value?.more && !busy)) && (
        <button
          type="button"
          onClick={() => {
            rows.value += rowsShown;
            if (found.length <= rows.value && value?.more) most.value += loadedAtOnce;
          }}
        >
          {words.more}
        </button>
      )}
    </>
  );
}

function Table({ documents }: { documents: DocumentFacts[] }) {
  const { columns } = words;
  return (
    <table class="documents">
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.passages}</th>
          <th scope="col">{columns.size}</th>
          <th scope="col">{columns.indexed}</th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <tr key={document.uri}>
            <th scope="row">
              <a href={documentAt({ uri: document.uri, ordinal: 0 })}>
                {short(document.title || nameOf(document.uri))}
              </a>
              <span class="quiet small uri">{decoded(document.uri)}</span>
              {document.error && (
                <span class="small reason">
                  {document.error.reason} {document.version !== null && words.olderVersion}
                </span>
              )}
            </th>
            <td data-label={columns.state}>
              <span class={`state ${document.state}`}>{words.states[document.state]}</span>
            </td>
            <td data-label={columns.passages}>{document.chunks}</td>
            <td data-label={columns.size}>{bytes(document.size)}</td>
            <td data-label={columns.indexed}>{document.indexed_at === null ? "" : when(document.indexed_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
