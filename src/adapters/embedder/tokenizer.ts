import { Tokenizer } from "@huggingface/tokenizers";
import { IsthmusError } from "../../core/errors.ts";
import type { ModelFolder } from "../model/folder.ts";
import { createWordCache } from "./word-cache.ts";

/** A model's own tokenizer, without the truncation and padding that its `tokenizer.json` may ask for. */
export interface TextTokenizer {
  /** Tokens of the text, special tokens not counted. */
  count(text: string): number;
  /** The share of the words' tokens that are further pieces of a word, 0 to 1. A word unknown altogether counts as spelled. */
  unfamiliar(words: readonly string[]): number;
  /** Token ids with the special tokens around them, at most `maxTokens` in all: the end of a longer text is cut off. */
  encode(text: string, maxTokens: number): number[];
}

type Encode = (text: string) => readonly number[];

/** What is used of the library; its own declarations do not resolve under Node's module rules. */
interface LibraryTokenizer {
  encode(text: string, options?: { add_special_tokens: boolean }): { readonly ids: number[] };
}

/** @throws `model_missing`, `model_damaged`, `model_unsupported` */
export async function loadTokenizer(folder: ModelFolder): Promise<TextTokenizer> {
  const decoder = new TextDecoder();
  const config = folder.has("tokenizer_config.json") ? await folder.read("tokenizer_config.json") : undefined;
  const json = await folder.read("tokenizer.json");
  try {
    return createTokenizer(
      JSON.parse(decoder.decode(json)) as TokenizerFile,
      config === undefined ? {} : (JSON.parse(decoder.decode(config)) as object),
    );
  } catch (cause) {
    throw new IsthmusError("model_unsupported", `The tokenizer of the model in ${folder.directory} cannot be used.`, {
      cause,
    });
  }
}

/** The parts of a `tokenizer.json` that decide whether words can be tokenized one by one. */
export interface TokenizerFile {
  readonly normalizer?: { readonly type?: string } | null;
  readonly pre_tokenizer?: { readonly type?: string } | null;
  readonly model?: {
    readonly type?: string;
    readonly unk_token?: string | null;
    readonly unk_id?: number | null;
  };
  readonly added_tokens?: readonly { content: string; lstrip?: boolean; rstrip?: boolean; single_word?: boolean }[];
}

export function createTokenizer(file: TokenizerFile, config: object): TextTokenizer {
  const tokenizer: LibraryTokenizer = new Tokenizer(file, config);
  const encodeWhole: Encode = (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const [before, after] = specialTokens(tokenizer, encodeWhole);
  const unknown = unknownId(file, encodeWhole);
  const words = splitsAtSpaces(file) ? createWordCache(encodeWhole) : undefined;
  return {
    count: (text) => words?.count(text) ?? encodeWhole(text).length,
    unfamiliar(list) {
      let tokens = 0;
      let further = 0;
      for (const word of list) {
        const ids = encodeWhole(word);
        const pieces = unknown !== undefined && ids.includes(unknown) ? spelled(word) : ids.length;
        tokens += pieces;
        further += Math.max(0, pieces - 1);
      }
      return tokens === 0 ? 0 : further / tokens;
    },
    encode(text, maxTokens) {
      const room = Math.max(0, maxTokens - before.length - after.length);
      const ids = words?.encode(text, room) ?? encodeWhole(text).slice(0, room);
      return [...before, ...ids, ...after];
    },
  };
}

/** What the tokenizer puts before and after a text, found by looking at one. */
function specialTokens(tokenizer: LibraryTokenizer, encodeWhole: Encode): [readonly number[], readonly number[]] {
  const plain = encodeWhole("a");
  const { ids } = tokenizer.encode("a");
  const start = ids.findIndex((_, index) => plain.every((id, offset) => ids[index + offset] === id));
  if (ids.length === plain.length || start < 0) {
    // Nothing would be left to run the model on for an empty text.
    throw new Error("The tokenizer adds no special tokens.");
  }
  return [ids.slice(0, start), ids.slice(start + plain.length)];
}

/** As many as it has characters; one that is a single character is as strange as it can be with two. */
function spelled(word: string): number {
  return Math.max(2, Array.from(word).length);
}

/** The id that stands for what the vocabulary does not hold; undefined where the tokenizer falls back to bytes. */
function unknownId({ model }: TokenizerFile, encodeWhole: Encode): number | undefined {
  if (typeof model?.unk_id === "number") return model.unk_id;
  if (typeof model?.unk_token !== "string") return undefined;
  const ids = encodeWhole(model.unk_token);
  return ids.length === 1 ? ids[0] : undefined;
}

/** True for BERT's tokenizers: they split at every space before they look at anything else. */
function splitsAtSpaces(file: TokenizerFile): boolean {
  const plainTokens = (file.added_tokens ?? []).every(
    (token) => !token.lstrip && !token.rstrip && !token.single_word && !/\s/.test(token.content),
  );
  return (
    plainTokens &&
    file.normalizer?.type === "BertNormalizer" &&
    file.pre_tokenizer?.type === "BertPreTokenizer" &&
    file.model?.type === "WordPiece"
  );
}
