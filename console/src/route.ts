import { computed, signal } from "@preact/signals";

/**
 * Where the page is: the fragment of the address, so that a reload and a shared link show the same. Browsers never send it, so no
 * question lands in a log.
 */
export const pages = ["ask", "search", "documents", "health"] as const;
export type Page = (typeof pages)[number];

function read(): { page: Page; parameters: URLSearchParams } {
  const [, name = "", query = ""] = /^#\/?(\w*)\??(.*)$/s.exec(location.hash) ?? [];
  return { page: pages.find((page) => page === name) ?? "ask", parameters: new URLSearchParams(query) };
}

const place = signal(read());
addEventListener("hashchange", () => {
  place.value = read();
});

export const page = computed(() => place.value.page);

export function parameter(name: string): string {
  return place.value.parameters.get(name) ?? "";
}

/** The address of this place with some parameters changed; an empty one is left out. */
export function href(changes: Readonly<Record<string, string>>, to: Page = place.value.page): string {
  const parameters = new URLSearchParams(to === place.value.page ? place.value.parameters : undefined);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  return `#/${to}${query === "" ? "" : `?${query}`}`;
}

export function go(changes: Readonly<Record<string, string>>): void {
  location.hash = href(changes);
}

export const noDocument = { doc: "", at: "", s: "", e: "", v: "" } as const;

/** The address with a document opened, at a place of it. */
export function documentAt(source: {
  uri: string;
  ordinal: number;
  start?: number;
  end?: number;
  version?: string;
}): string {
  const { uri, ordinal, start, end, version = "" } = source;
  return href({
    doc: uri,
    at: String(ordinal),
    s: start === undefined ? "" : String(start),
    e: end === undefined ? "" : String(end),
    v: version,
  });
}
