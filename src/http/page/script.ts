/** The script of the search page. It sets what comes back as text, never as markup: documents are data. */
export const script = `
"use strict";
const find = (id) => document.getElementById(id);
const [form, box, mode, count, keyRow, key, status, list, button] =
  ["form", "query", "mode", "k", "key", "api-key", "status", "results", "go"].map(find);
let current;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}
function say(text, fault) {
  status.textContent = text;
  status.className = fault ? "fault" : "";
}
function card(result) {
  const source = result.source;
  const item = element("li");
  const head = element("header");
  const name = source.uri.split("/").pop() || source.uri;
  head.append(element("h2", source.title || name), element("span", "score " + result.score.toFixed(3), "score"));
  item.append(head);
  if (source.heading && source.heading !== source.title) item.append(element("div", source.heading, "heading"));
  const quote = element("blockquote", result.content);
  quote.tabIndex = 0;
  item.append(quote, element("cite", source.uri + " \\u00b7 " + source.start + "\\u2013" + source.end));
  return item;
}
function wait(on) { button.setAttribute("aria-disabled", String(on)); }

async function search() {
  if (current) current.abort();
  const mine = current = new AbortController();
  wait(true);
  say("Searching\\u2026");
  history.replaceState(null, "", "#" + new URLSearchParams({ q: box.value, by: mode.value, k: count.value }));
  const headers = { "content-type": "application/json" };
  if (key.value) headers["x-api-key"] = key.value;
  try {
    const response = await fetch("/query", { method: "POST", headers, signal: mine.signal,
      body: JSON.stringify({ query: box.value, k: Number(count.value), mode: mode.value }) });
    const answer = await response.json();
    list.replaceChildren();
    if (response.status === 401) { keyRow.hidden = false; key.focus(); }
    if (!response.ok) return say(answer.error || "The search failed (" + response.status + ").", true);
    list.append(...answer.results.map(card));
    const found = answer.results.length;
    say(found === 0 ? "Nothing was found." : found + (found === 1 ? " passage" : " passages") + " in " + Math.max(1, Math.round(answer.took_ms)) + " ms");
  } catch (error) {
    if (error.name === "AbortError") return;
    list.replaceChildren();
    say("The server did not answer. Is it still running?", true);
  } finally {
    if (current === mine) wait(false);
  }
}
form.addEventListener("submit", (event) => { event.preventDefault(); if (box.value.trim()) search(); else box.focus(); });
for (const choice of [mode, count]) choice.addEventListener("change", () => { if (box.value.trim()) search(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) { event.preventDefault(); box.focus(); box.select(); }
});
// The fragment keeps the search over a reload and in a bookmark; browsers never send it.
const kept = new URLSearchParams(location.hash.slice(1));
for (const [field, name] of [[mode, "by"], [count, "k"]]) {
  if ([...field.options].some((option) => option.value === kept.get(name))) field.value = kept.get(name);
}
if (kept.get("q")) { box.value = kept.get("q"); search(); }
fetch("/readyz").then(async (response) => {
  const answer = await response.json();
  if (current) return;
  if (response.ok) say("Ready. Ask in your own words, or look for exact ones.");
  else say(answer.error, true);
}).catch(() => {});
`;
