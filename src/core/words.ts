/** Letters, digits and their marks, and what joins them to one word, identifier or version. */
export const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[_.:'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
