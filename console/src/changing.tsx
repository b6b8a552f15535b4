import { type Signal, signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Failure, key, send } from "./api.ts";
import { nameOf } from "./parts.tsx";
import { go, noDocument, parameter } from "./route.ts";
import { texts } from "./texts.ts";

const { changing: words } = texts;

/** Whether the server lets this caller write, as the last list of documents told. */
export const mayWrite = signal(false);

interface Question {
  title: string;
  detail: string;
  verb: string;
  answer(yes: boolean): void;
}

const asked = signal<Question | undefined>(undefined);

/** Asks, and gives the answer. */
export function ask(title: string, detail: string, verb: string): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = {
      title,
      detail,
      verb,
      answer(yes) {
        asked.value = undefined;
        resolve(yes);
      },
    };
  });
}

/** The question that is open; the browser keeps the keyboard in it, and Escape says no. */
export function Asking() {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (question !== undefined) dialog.current?.showModal();
  }, [question]);
  if (question === undefined) return null;
  return (
    <dialog ref={dialog} aria-labelledby="asking" onClose={() => question.answer(false)}>
      <h2 id="asking">{question.title}</h2>
      <p>{question.detail}</p>
      <div class="choices">
        <button type="button" onClick={() => question.answer(false)}>
          {words.no}
        </button>
        <button type="button" class="main" onClick={() => question.answer(true)}>
          {question.verb}
        </button>
      </div>
    </dialog>
  );
}

/** What may be done to one document, and what came of it. */
export function Changes({ uri }: { uri: string }) {
  const told = useSignal("");
  const failure = useSignal("");
  if (!mayWrite.value) return null;
  const doing = async (work: () => Promise<string>) => {
    told.value = "";
    failure.value = "";
    try {
      told.value = await work();
    } catch (error) {
      failure.value = error instanceof Failure ? error.message : String(error);
    }
  };
  const retry = () =>
    doing(async () => {
      if (!(await ask(words.retryTitle(nameOf(uri)), words.retryDetail, words.retry))) return "";
      await send("POST", "document/retry", { uri });
      return words.retrying;
    });
  const remove = () =>
    doing(async () => {
      if (!(await ask(words.deleteTitle(nameOf(uri)), words.deleteDetail, words.delete))) return "";
      const { file } = await send<{ file: "removed" | "kept" }>("DELETE", "document", { uri });
      notice.value = file === "removed" ? words.deleted(nameOf(uri)) : words.deletedKept(nameOf(uri));
      if (parameter("doc") === uri) go(noDocument);
      return "";
    });
  return (
    <div class="changes">
      <button type="button" onClick={() => void retry()}>
        {words.retry}
      </button>
      <button type="button" onClick={() => void remove()}>
        {words.delete}
      </button>
      <p class="small" role="status">
        {told.value}
      </p>
      {failure.value !== "" && (
        <p class="small reason" role="alert">
          {failure.value}
        </p>
      )}
    </div>
  );
}

/** What was done to a document that is no longer there to say it. */
export const notice = signal("");

interface Sending {
  file: File;
  /** `chosen`, then 0 to 1 while it is sent, then what came of it. */
  state: Signal<"chosen" | "sent" | "taken" | "failed" | number>;
  failure: Signal<string>;
}

/** Files that were dropped or chosen; asked about before anything is sent. */
export function Adding() {
  const files = useSignal<Sending[]>([]);
  const over = useSignal(false);
  const chooser = useRef<HTMLInputElement>(null);
  if (!mayWrite.value) return null;
  const choose = (list: FileList | null | undefined) => {
    const chosen = Array.from(list ?? [], (file): Sending => ({ file, state: signal("chosen"), failure: signal("") }));
    files.value = [...files.value.filter(({ state }) => state.value !== "sent"), ...chosen];
  };
  const waiting = files.value.filter(({ state }) => state.value === "chosen");
  const sendAll = async () => {
    // One after the other: the bar of each tells the truth.
    for (const each of waiting) await sendFile(each, false);
  };
  return (
    <section
      class={`adding${over.value ? " over" : ""}`}
      aria-label={words.add}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        choose(event.dataTransfer?.files);
      }}
    >
      <p>
        {words.drop}{" "}
        <button type="button" onClick={() => chooser.current?.click()}>
          {words.choose}
        </button>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            choose(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
      </p>
      {files.value.length > 0 && (
        <ul class="files">
          {files.value.map((each) => (
            <FileRow sending={each} />
          ))}
        </ul>
      )}
      {waiting.length > 0 && (
        <div class="choices">
          <button
            type="button"
            onClick={() => {
              files.value = files.value.filter(({ state }) => state.value !== "chosen");
            }}
          >
            {words.no}
          </button>
          <button type="button" class="main" onClick={() => void sendAll()}>
            {words.addThese(waiting.length)}
          </button>
        </div>
      )}
      <p class="small quiet" role="status">
        {notice.value}
      </p>
    </section>
  );
}

function FileRow({ sending }: { sending: Sending }) {
  const { file, failure } = sending;
  const state = sending.state.value;
  return (
    <li>
      <span class="uri">{file.name}</span>
      {typeof state === "number" ? (
        <progress value={state} max={1} aria-label={words.sending(file.name)} />
      ) : (
        <span class={`small ${state === "failed" || state === "taken" ? "reason" : "quiet"}`} role="status">
          {state === "failed" ? failure.value : words.states[state]}
        </span>
      )}
      {state === "taken" && (
        <button type="button" onClick={() => void sendFile(sending, true)}>
          {words.replace}
        </button>
      )}
      {state === "failed" && (
        <button type="button" onClick={() => void sendFile(sending, false)}>
          {texts.again}
        </button>
      )}
    </li>
  );
}

/** By the old way of asking, the only one that tells how much of a body has gone. */
function sendFile({ file, state, failure }: Sending, replace: boolean): Promise<void> {
  state.value = 0;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const end = (code: "sent" | "taken" | "failed", why = "") => {
      failure.value = why;
      state.value = code;
      resolve();
    };
    request.open("POST", `documents?${new URLSearchParams({ name: file.name, ...(replace && { replace: "true" }) })}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    if (key.peek() !== "") request.setRequestHeader("x-api-key", key.peek());
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => {
      state.value = total === 0 ? 0 : loaded / total;
    };
    request.onload = () => {
      const { code = "", error = "" } = (request.response ?? {}) as { code?: string; error?: string };
      if (request.status === 202) end("sent");
      else if (code === "document_exists") end("taken");
      else end("failed", error || `${request.status} ${request.statusText}`);
    };
    request.onerror = () => end("failed", words.brokeOff);
    request.send(file);
  });
}
