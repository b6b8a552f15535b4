import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

const folder = join(import.meta.dirname, "../../models/all-MiniLM-L6-v2");
const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), "utf8"));
const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));

/** Tokens by the tokenizer of the model that ships, without or with [CLS] and [SEP]. */
export function countTokens(text: string, specialTokens = false): number {
  return tokenizer.encode(text, { add_special_tokens: specialTokens }).ids.length;
}
