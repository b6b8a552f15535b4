import type { SettingsReader } from "./read.ts";

/** A language model that writes answers, and its bounds. */
export interface GeneratorSettings {
  /** `ISTHMUS_GENERATOR`, as `<provider>:<model>`. */
  readonly provider: GeneratorProvider;
  readonly model: string;
  /** `ISTHMUS_GENERATOR_URL`: for `openai` the base URL up to and including `/v1`; else where it is not the cloud's usual one. */
  readonly url: string | undefined;
  /** `ISTHMUS_GENERATOR_API_KEY` or `ISTHMUS_GENERATOR_API_KEY_FILE`; of `openai` alone, the clouds have identities. */
  readonly apiKey: string | undefined;
  /** `ISTHMUS_GENERATOR_REGION`, default `AWS_REGION` for `bedrock` and `global` for `vertex`. */
  readonly region: string;
  /** `ISTHMUS_GENERATOR_PROJECT`, default `GOOGLE_CLOUD_PROJECT`; for `vertex`. */
  readonly project: string;
  /** `ISTHMUS_GENERATOR_MAX_PASSAGES`, default 10. */
  readonly maxPassages: number;
  /** `ISTHMUS_GENERATOR_MAX_PASSAGE_TOKENS`, of all passages together; default 3,000. */
  readonly maxPassageTokens: number;
  /** `ISTHMUS_GENERATOR_MAX_OUTPUT_TOKENS`, default 500. */
  readonly maxOutputTokens: number;
  /** `ISTHMUS_GENERATOR_MAX_CONCURRENCY`: answers written at once; default 4. */
  readonly maxConcurrency: number;
  /** `ISTHMUS_GENERATOR_TIMEOUT_MS`: the model's time for one answer, tries included; default 20,000. */
  readonly timeoutMs: number;
  /** `ISTHMUS_GENERATOR_DAILY_TOKENS` of one key, input and output together; default 1,000,000. */
  readonly dailyTokens: number;
  /** `ISTHMUS_GENERATOR_FALLBACK`: whether the documents answer themselves where the model fails; default `extractive`. */
  readonly fallback: "extractive" | "none";
  /** `ISTHMUS_GENERATOR_PRICES`: a price file, where it is not the one that ships. */
  readonly prices: string | undefined;
}

const providers = ["openai", "bedrock", "vertex"] as const;
export type GeneratorProvider = (typeof providers)[number];

/** @returns undefined where no language model is named: the documents' own sentences answer. Faults go to the reader. */
export function parseGenerator(read: SettingsReader): GeneratorSettings | undefined {
  const named = read.text("ISTHMUS_GENERATOR");
  const url = read.url("ISTHMUS_GENERATOR_URL", undefined);
  read.refuseCredentials("ISTHMUS_GENERATOR_URL", "give the key as ISTHMUS_GENERATOR_API_KEY");
  const apiKey = read.secret("ISTHMUS_GENERATOR_API_KEY");
  const bounds = {
    maxPassages: read.integer("ISTHMUS_GENERATOR_MAX_PASSAGES", 10, 1, 30),
    maxPassageTokens: read.integer("ISTHMUS_GENERATOR_MAX_PASSAGE_TOKENS", 3_000, 100, 100_000),
    maxOutputTokens: read.integer("ISTHMUS_GENERATOR_MAX_OUTPUT_TOKENS", 500, 16, 8_192),
    maxConcurrency: read.integer("ISTHMUS_GENERATOR_MAX_CONCURRENCY", 4, 1, 1_000),
    timeoutMs: read.integer("ISTHMUS_GENERATOR_TIMEOUT_MS", 20_000, 100, 600_000),
    dailyTokens: read.integer("ISTHMUS_GENERATOR_DAILY_TOKENS", 1_000_000, 1, Number.MAX_SAFE_INTEGER),
    fallback: read.choice("ISTHMUS_GENERATOR_FALLBACK", ["extractive", "none"], "extractive"),
    prices: read.text("ISTHMUS_GENERATOR_PRICES"),
  };
  if (named === undefined || named === "extractive") return undefined;
  const [, kind, model = ""] = /^(\w+):(\S+)$/.exec(named) ?? [];
  const provider = providers.find((known) => known === kind);
  if (provider === undefined) {
    const shown = JSON.stringify(named.slice(0, 100));
    read.faults.push(
      `${read.shown("ISTHMUS_GENERATOR")} is ${shown}; it is extractive, or <provider>:<model> with the provider one of ` +
        `${providers.join(", ")}: openai:gpt-4.1-mini, bedrock:amazon.nova-lite-v1:0, vertex:gemini-2.5-flash.`,
    );
    return undefined;
  }
  const region = read.text("ISTHMUS_GENERATOR_REGION") ?? (provider === "bedrock" ? read.text("AWS_REGION") : "global");
  const project = read.text("ISTHMUS_GENERATOR_PROJECT") ?? read.text("GOOGLE_CLOUD_PROJECT");
  if (provider === "openai" && url === undefined) {
    read.faults.push(
      "ISTHMUS_GENERATOR names an openai model, but ISTHMUS_GENERATOR_URL is not set; it is the endpoint up to and including /v1, such " +
        "as http://127.0.0.1:11434/v1 or https://api.openai.com/v1.",
    );
  }
  if (provider !== "openai" && apiKey !== undefined) {
    const own =
      provider === "bedrock" ? "the role that the program runs in" : "the service account that the program runs as";
    read.faults.push(`ISTHMUS_GENERATOR_API_KEY is set, but ${provider} takes no key: its identity is ${own}.`);
  }
  if (provider === "bedrock" && region === undefined) {
    read.faults.push(
      "ISTHMUS_GENERATOR names a bedrock model, but neither ISTHMUS_GENERATOR_REGION nor AWS_REGION is set.",
    );
  }
  if (provider === "vertex" && project === undefined) {
    read.faults.push(
      "ISTHMUS_GENERATOR names a vertex model, but neither ISTHMUS_GENERATOR_PROJECT nor GOOGLE_CLOUD_PROJECT is set.",
    );
  }
  for (const [name, value] of [
    ["ISTHMUS_GENERATOR_REGION", region],
    ["ISTHMUS_GENERATOR_PROJECT", project],
  ] as const) {
    // It becomes a part of the address that is asked.
    if (value !== undefined && !/^[\w.:-]{1,100}$/.test(value))
      read.faults.push(`${read.shown(name)} is no name of one.`);
  }
  return { provider, model, url, apiKey, region: region ?? "", project: project ?? "", ...bounds };
}
