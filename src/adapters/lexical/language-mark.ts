/**
 * Each chunk of a text in another language than English carries a term that names it, so that the index itself can tell which
 * languages it holds. No word of a question can be such a term.
 */
export function languageMark(language: string): string {
  return `~${language}`;
}

/** Languages that are told apart, by ISO 639-1; English, and what cannot be told, goes without a mark. */
export const toldLanguages: readonly string[] =
  `am ar be bg bn cs da de el eo es et fa fi fr ga gu he hi hu hy id is it ja kk km kn ko la lt lv mk mn my nl no pl pt ro
  ru sk sr sv ta te th tk tl tr tt uk ur vi yi zh`.split(/\s+/);
