const hidden = "***";

/** An address inside a sentence: what stands before the @ of its authority is a name and a password. */
const credentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi;

/** A sentence without the credentials of the addresses in it. Every message of an `IsthmusError` has gone through it. */
export function withoutCredentials(sentence: string): string {
  return sentence.replaceAll(credentials, `$1${hidden}@`);
}

/**
 * One address from the configuration, as people may see it: without its user name, password, and the values of its query. It need not
 * be a right one: what cannot be read as an address loses everything up to its last @, and its query.
 */
export function shownAddress(address: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(address) ?? [];
  const parsed = scheme !== "" && URL.canParse(address) ? new URL(address) : undefined;
  const ends = parsed?.username === "" && parsed.password === "" ? -1 : rest.lastIndexOf("@");
  const place = ends < 0 ? rest : `${hidden}@${rest.slice(ends + 1)}`;
  return `${scheme}${place.replace(/[?#].*$/s, `?${hidden}`)}`;
}
