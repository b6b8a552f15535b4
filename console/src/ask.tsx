import { useRef } from "preact/hooks";
import { type AnswerEnd, answer, Failure, type Passage, type Sentence as Told } from "./api.ts";
import { shareOf } from "./drawing.tsx";
import { Fault, Hit, nameOf, short, useTask, Waiting } from "./parts.tsx";
import { Sentence } from "./render.tsx";
import { documentAt, go, href, noDocument, parameter } from "./route.ts";
import { texts } from "./texts.ts";

interface Answered {
  passages: Passage[];
  sentences: Told[];
  end?: AnswerEnd;
}

async function* answered(question: string, signal: AbortSignal): AsyncGenerator<Answered> {
  let so: Answered = { passages: [], sentences: [] };
  for await (const event of answer({ question }, signal)) {
    if (event.name === "problem") throw new Failure(event.data.error, event.data.status, event.data.code);
    if (event.name === "passages") so = { ...so, passages: event.data.passages };
    if (event.name === "sentence") so = { ...so, sentences: [...so.sentences, event.data] };
    if (event.name === "done") so = { ...so, end: event.data };
    yield so;
  }
}

const examples = [
  "What happens when a document is deleted?",
  "How long are backups kept?",
  "Which formats can be read?",
];

export function Ask() {
  const question = parameter("q");
  const field = useRef<HTMLTextAreaElement>(null);
  const task = useTask(question, (signal) => answered(question, signal));
  const { value, failure, busy } = task;
  const submit = (event: Event) => {
    event.preventDefault();
    const asked = field.current?.value.trim() ?? "";
    if (asked === "") field.current?.focus();
    else if (asked === question) task.again();
    else go({ q: asked, ...noDocument });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  return (
    <>
      <h1>{texts.pages.ask}</h1>
      <p class="lead">{texts.ask.lead}</p>
      <form class="ask" onSubmit={submit}>
        <textarea
          ref={field}
          key={question}
          rows={2}
          maxLength={2000}
          placeholder={texts.ask.placeholder}
          aria-label={texts.ask.label}
          onKeyDown={onKeyDown}
          defaultValue={question}
          data-slash
        />
        <button type="submit" class="main" aria-disabled={busy}>
          {texts.ask.button}
        </button>
      </form>
      {question === "" && <Examples />}
      <div aria-live="polite" aria-busy={busy}>
        {value && <Answer {...value} />}
      </div>
      {busy && <Waiting task={task} text={(value?.sentences.length ?? 0) === 0 ? texts.ask.answering : ""} />}
      {failure && <Fault failure={failure} again={task.again} />}
    </>
  );
}

function Examples() {
  return (
    <nav class="examples" aria-label={texts.ask.examples}>
      <p class="quiet">{texts.ask.examples}</p>
      <ul>
        {examples.map((example) => (
          <li>
            <a href={href({ q: example })}>{example}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Answer({ passages, sentences, end }: Answered) {
  const dropped = Object.values(end?.dropped ?? {}).reduce((sum, count) => sum + count, 0);
  const abstained = end?.abstained === true && end.reason !== undefined;
  let number = 0;
  return (
    <>
      {sentences.length > 0 && (
        <section class="answer" aria-label={texts.ask.answer}>
          <h2 class="hidden">{texts.ask.answer}</h2>
          {sentences.map((sentence) => (
            <Sentence
              text={sentence.text}
              uri={sentence.citations[0]?.source.uri ?? ""}
              written={sentence.basis === "supported"}
            >
              {sentence.basis === "supported" && (
                <span class="basis" title={texts.ask.supported}>
                  {" "}
                  ≈
                </span>
              )}
              {sentence.citations.map((citation) => {
                number++;
                const title = short(citation.source.title || nameOf(citation.source.uri));
                const name = texts.ask.citation(number, title);
                return (
                  <a
                    class="citation"
                    href={documentAt(citation.source)}
                    title={`${title}: “${citation.quote}”`}
                    aria-label={name}
                  >
                    {number}
                  </a>
                );
              })}
            </Sentence>
          ))}
        </section>
      )}
      {abstained && <p class="abstained">{texts.ask.abstained[end.reason ?? "nothing_found"]}</p>}
      {end && (
        <p class="quiet small">
          {end.degraded === true && `${texts.ask.degraded(end.degraded_reason ?? "")} `}
          {dropped > 0 && end.generator !== "extractive" && `${texts.ask.dropped(dropped)} `}
          {!abstained && texts.ask.by(end.generator, Math.round(end.took_ms))}
        </p>
      )}
      {passages.length > 0 && (end !== undefined || sentences.length > 0) && (
        <Passages passages={passages} open={abstained} />
      )}
    </>
  );
}

function Passages({ passages, open }: { passages: Passage[]; open: boolean }) {
  return (
    <details class="passages" open={open}>
      <summary>{texts.ask.passages(passages.length)}</summary>
      <ol class="hits">
        {passages.map((passage, at) => (
          <Hit passage={passage} number={at + 1} share={shareOf(passages.length)} />
        ))}
      </ol>
    </details>
  );
}
