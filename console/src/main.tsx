import { useSignalEffect } from "@preact/signals";
import { render } from "preact";
import { Ask } from "./ask.tsx";
import { Asking } from "./changing.tsx";
import { DocumentPane } from "./document.tsx";
import { Documents } from "./documents.tsx";
import { Health } from "./health.tsx";
import { follow } from "./live.tsx";
import { Banner } from "./parts.tsx";
import { href, page, pages, parameter } from "./route.ts";
import { Search } from "./search.tsx";
import { texts } from "./texts.ts";

const views = { ask: Ask, search: Search, documents: Documents, health: Health };

function App() {
  const View = views[page.value];
  const reading = parameter("doc") !== "";
  useSignalEffect(() => {
    const question = parameter("q");
    document.title = `${question === "" ? texts.pages[page.value] : question} · ${texts.name}`;
  });
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {texts.skip}
      </button>
      <header class="top">
        <a class="brand" href="#/ask">
          <svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor">
            <path d="M3 5c6-2 9 1 10 6 .6 3 1.4 4 3 4s2.4 1 3 4c1 5 4 8 10 6v5c-9 2-15-2-16-9-.4-2.6-1-3.6-2-4.6C9 15 8 13.5 7.5 11.5 7 9.5 6 9 3 10z" />
          </svg>
          {texts.name}
        </a>
        <nav aria-label={texts.name}>
          {pages.map((name) => (
            <a href={href({}, name)} aria-current={name === page.value ? "page" : undefined}>
              {texts.pages[name]}
            </a>
          ))}
        </nav>
      </header>
      <div class={`body${reading ? " reading" : ""}`}>
        <main id="content" tabIndex={-1}>
          <Banner />
          <View key={page.value} />
        </main>
        <DocumentPane />
      </div>
      <Asking />
    </>
  );
}

function skip(): void {
  document.getElementById("content")?.focus();
}

/** "/" goes to the field of the page. */
addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector<HTMLElement>("[data-slash]");
  if (field === null) return;
  event.preventDefault();
  field.focus();
});

/** A file that misses its place is not to take the place of the page. */
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

follow();
render(<App />, document.body);
