import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type DocumentFacts, type DocumentPage, Failure, get, type Part } from "./api.ts";
import { Changes } from "./changing.tsx";
import { type Range, type Share, shareOf } from "./drawing.tsx";
import { decoded, Fault, nameOf, short, useTask, Waiting } from "./parts.tsx";
import { Rendered } from "./render.tsx";
import { href, noDocument, parameter } from "./route.ts";
import { texts } from "./texts.ts";

/** Passages before the cited one, and in all, that are opened first; and by each further step. */
const before = 8;
const shownFirst = 30;
const step = 40;

/** A stretch of a document: from one ordinal to another. */
interface Shown {
  pages: DocumentPage[];
  from: number;
}

async function read(uri: string, from: number, limit: number, signal: AbortSignal): Promise<DocumentPage> {
  const parameters = { from: String(from), limit: String(limit) };
  try {
    return await get<DocumentPage>("document", { uri, ...parameters }, signal);
  } catch (error) {
    // A record is cited by its file and its own id.
    const file = uri.slice(0, uri.lastIndexOf("#"));
    if (!(error instanceof Failure) || error.code !== "document_not_found" || file === "") throw error;
    return await get<DocumentPage>("document", { uri: file, ...parameters }, signal);
  }
}

/** The document that the address names, opened at its place. */
export function DocumentPane() {
  const uri = parameter("doc");
  const at = Math.max(0, Number.parseInt(parameter("at"), 10) || 0);
  const first = Math.max(0, at - before);
  const more = useSignal({ earlier: 0, later: 0 });
  const key = JSON.stringify([uri, at]);
  const opened = useRef(key);
  if (opened.current !== key) {
    opened.current = key;
    more.value = { earlier: 0, later: 0 };
  }
  const { earlier, later } = more.value;
  const from = Math.max(0, first - earlier);
  const task = useTask(uri === "" ? "" : JSON.stringify([uri, from, later]), (signal) =>
    load(uri, from, first + shownFirst + later, signal),
  );
  const pane = useRef<HTMLElement>(null);
  const { value, failure, busy } = task;
  const there = value !== undefined;
  useEffect(() => {
    if (!there) return;
    const own = pane.current?.querySelector("mark") ?? pane.current?.querySelector(".here");
    // The pane alone: the page stays where its reader is.
    if (own && pane.current) {
      const { top } = own.getBoundingClientRect();
      pane.current.scrollTop += top - pane.current.getBoundingClientRect().top - pane.current.clientHeight / 3;
    }
    pane.current?.focus({ preventScroll: true });
  }, [key, parameter("s"), parameter("e"), there]);
  if (uri === "") return null;
  const close = href(noDocument);
  const last = value?.pages.at(-1);
  const parts = (value?.pages ?? []).flatMap((page) => page.parts);
  const share = shareOf(parts.reduce((count, part) => count + sectionsOf(part).length, 0));
  return (
    <aside
      class="pane"
      ref={pane}
      tabIndex={-1}
      aria-label={nameOf(uri)}
      aria-busy={busy}
      onKeyDown={(event) => leave(event, close)}
    >
      <header>
        <h2>{short(value?.pages[0]?.document.title || nameOf(uri))}</h2>
        <a class="close" href={close}>
          {texts.document.close}
        </a>
      </header>
      <p class="quiet small uri">{decoded(uri)}</p>
      {!there && <Waiting task={task} text={texts.document.loading} />}
      {failure && <Fault failure={failure} again={task.again} />}
      {value && <Facts document={value.pages[0]?.document} />}
      {value && value.from > 0 && (
        <button type="button" onClick={() => grow(more, "earlier")}>
          {texts.document.earlier}
        </button>
      )}
      {parts.map((part) => (
        <PartView part={part} uri={uri} at={at} share={share} />
      ))}
      {last?.next !== undefined && (
        <button type="button" onClick={() => grow(more, "later")}>
          {texts.document.later}
        </button>
      )}
    </aside>
  );
}

function grow(more: { value: { earlier: number; later: number } }, side: "earlier" | "later"): void {
  more.value = { ...more.value, [side]: more.value[side] + step };
}

function leave(event: KeyboardEvent, close: string): void {
  if (event.key === "Escape") location.hash = close;
}

/** In pages of what one answer may hold. */
async function* load(uri: string, from: number, to: number, signal: AbortSignal): AsyncGenerator<Shown> {
  const pages: DocumentPage[] = [];
  for (let next: number | undefined = from; next !== undefined && next < to; ) {
    const page: DocumentPage = await read(uri, next, Math.min(200, to - next), signal);
    pages.push(page);
    next = page.next;
  }
  yield { pages, from };
}

function Facts({ document }: { document: DocumentFacts | undefined }) {
  if (document === undefined) return null;
  const { facts } = texts.document;
  const notes = document.faults.first.filter((one) => !isNoNote(one));
  const cited = parameter("v");
  return (
    <>
      {cited !== "" && document.version !== null && cited !== document.version && (
        <p class="banner">{texts.document.changed}</p>
      )}
      <p class="quiet small">
        {[
          `${document.chunks} ${facts.passages}`,
          document.records > 1 ? `${document.records} ${facts.records}` : "",
          document.content_type ?? "",
          document.indexed_at === null ? "" : `${facts.indexed} ${when(document.indexed_at)}`,
        ]
          .filter((fact) => fact !== "")
          .join(" · ")}
      </p>
      {document.error && (
        <div class="fault">
          <p>{texts.document.failed(document.error.attempts)}</p>
          <p>{document.error.reason}</p>
        </div>
      )}
      {document.faults.count > 0 && (
        <Told summary={texts.document.faults(document.faults.count)} told={document.faults.first.filter(isNoNote)} />
      )}
      {notes.length > 0 && <Told summary={texts.document.notes} told={notes} />}
      <Changes uri={document.uri} />
      <History document={document} />
      {document.chunks === 0 && !document.error && <p>{texts.document.empty}</p>}
    </>
  );
}

type ToldFault = DocumentFacts["faults"]["first"][number];

/** Nothing is lost by a note: it says how a part was read. */
const isNoNote = ({ code }: ToldFault): boolean => code !== "content_note";

function Told({ summary, told }: { summary: string; told: readonly ToldFault[] }) {
  return (
    <details>
      <summary>{summary}</summary>
      <ul>
        {told.map(({ id, reason }) => (
          <li>
            {id} {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** As far as the index knows it. */
function History({ document }: { document: DocumentFacts }) {
  const { document: words } = texts;
  const { generation = 0, reindexed = 0, error } = document;
  // A bucket's own numbers count nothing that a person would.
  const counted = generation > 0 && generation < 1e9;
  return (
    <details>
      <summary>{words.history}</summary>
      <ul class="small">
        {error && <li>{words.failedAt(when(error.at), error.attempts)}</li>}
        {document.indexed_at !== null && <li>{words.cameIn(when(document.indexed_at))}</li>}
        {document.updated_at !== null && <li>{words.written(when(document.updated_at))}</li>}
        {counted && <li>{words.versions(generation)}</li>}
        {reindexed > 0 && <li>{words.reindexed(reindexed)}</li>}
        {document.version !== null && (
          <li>
            {words.facts.version} <code class="uri">{document.version}</code>
          </li>
        )}
        <li>{words.currentAlone}</li>
      </ul>
    </details>
  );
}

interface Section extends Range {
  heading: string;
}

/** A part by its headings, which are not in its text; what lies between two sections belongs to the one before. */
function sectionsOf({ passages, start, end }: Part): Section[] {
  const sections: Section[] = [];
  for (const { heading, start: from } of passages) {
    const open = sections.at(-1);
    if (open?.heading === heading) continue;
    if (open !== undefined) open.end = from;
    sections.push({ heading, start: open === undefined ? start : from, end });
  }
  return sections.length === 0 ? [{ heading: "", start, end }] : sections;
}

function PartView({ part, uri, at, share }: { part: Part; uri: string; at: number; share: Share }) {
  const own = part.passages.find(({ ordinal }) => ordinal === at);
  const mark = own && markOf(part, own);
  const record = part.uri === uri || !part.uri.includes("#") ? "" : nameOf(part.uri);
  const sections = sectionsOf(part);
  const heading = part.start > 0 ? (sections[0]?.heading ?? "") : "";
  return (
    <section class={`part${own ? " here" : ""}`}>
      {(record !== "" || heading !== "") && <p class="under">{short([record, heading].filter(Boolean).join(" · "))}</p>}
      {sections.map((section, index) => (
        <>
          {index > 0 && <p class="under heading">{short(section.heading.split(" > ").at(-1) ?? "")}</p>}
          <Rendered
            text={part.text.slice(section.start - part.start, section.end - part.start)}
            uri={uri}
            share={share}
            mark={mark && within(mark, section)}
          />
        </>
      ))}
    </section>
  );
}

/** Of a stretch, what lies in a section, from its start. */
function within(mark: Range, { start, end }: Range): Range | undefined {
  const range = { start: Math.max(mark.start, start) - start, end: Math.min(mark.end, end) - start };
  return range.start < range.end ? range : undefined;
}

/** The cited stretch where it lies in this part; else the passage itself. */
function markOf(part: Part, own: Range): Range {
  const start = Number.parseInt(parameter("s"), 10);
  const end = Number.parseInt(parameter("e"), 10);
  const cited = start >= part.start && end <= part.end && start < end;
  return cited ? { start, end } : own;
}

export function when(instant: string): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime())
    ? instant
    : date.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}
