const signed = /^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,40}:[^\n]*\n)*\n?/gm;
const begin = /^-----BEGIN PGP (SIGNATURE|MESSAGE|PUBLIC KEY BLOCK)-----[ \t]*$/gm;

/** A text without what PGP wrote into it for programs, and whether a part of it is encrypted. */
export function withoutPgp(text: string): { text: string; isEncrypted: boolean } {
  if (!text.includes("-----BEGIN PGP ")) return { text, isEncrypted: false };
  let isEncrypted = false;
  let words = "";
  let from = 0;
  const endless = new Set<string>();
  for (const { index, 1: kind = "" } of text.matchAll(begin)) {
    if (index < from || endless.has(kind)) continue;
    const mark = `\n-----END PGP ${kind}-----`;
    const end = text.indexOf(mark, index);
    if (end === -1) {
      endless.add(kind);
      continue;
    }
    isEncrypted ||= kind === "MESSAGE";
    words += text.slice(from, index);
    from = end + mark.length;
  }
  words += text.slice(from);
  // A line that begins with a dash has another one before it in what is signed.
  const plain = words.search(signed) === -1 ? words : words.replace(signed, "").replace(/^- (?=-)/gm, "");
  return { text: plain.trim(), isEncrypted };
}
