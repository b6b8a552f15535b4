import type { Tools } from "./tools.ts";

/** Of infra/serverless.yml. */
export const serviceName = "rag-query-api";
const alias = "live";

export interface FunctionPlace {
  readonly stage: string;
  readonly region: string;
}

/** One deployment makes both, and the one goes back with the other. */
export const functionNames = ["query", "answer"] as const;
export type FunctionName = (typeof functionNames)[number];

/** A version of each function. */
export type Versions = Readonly<Record<FunctionName, string>>;

const target = ({ stage, region }: FunctionPlace, name: FunctionName) => [
  "--function-name",
  `${serviceName}-${stage}-${name}`,
  "--region",
  region,
];

/** The versions that the aliases `live` point at. */
export async function liveVersions(place: FunctionPlace, tools: Tools): Promise<Versions> {
  return { query: await liveVersion(place, "query", tools), answer: await liveVersion(place, "answer", tools) };
}

export async function liveVersion(place: FunctionPlace, name: FunctionName, tools: Tools): Promise<string> {
  const args = ["lambda", "get-alias", ...target(place, name), "--name", alias, "--output", "json"];
  const answer: { readonly FunctionVersion: string } = JSON.parse((await tools.ask("aws", args)).stdout);
  return answer.FunctionVersion;
}

async function publishedVersions(place: FunctionPlace, name: FunctionName, tools: Tools): Promise<number[]> {
  const args = ["lambda", "list-versions-by-function", ...target(place, name), "--output", "json"];
  const { stdout } = await tools.ask("aws", args);
  const answer: { readonly Versions: readonly { readonly Version: string }[] } = JSON.parse(stdout);
  return answer.Versions.map(({ Version }) => Number(Version)).filter(Number.isInteger);
}

/** The version that was deployed last, wherever the alias points. @throws where there is none. */
export async function newestVersion(place: FunctionPlace, name: FunctionName, tools: Tools): Promise<string> {
  const versions = await publishedVersions(place, name, tools);
  if (versions.length === 0) throw new Error(`${serviceName}-${place.stage}-${name} has no version yet`);
  return String(Math.max(...versions));
}

/** The newest version that is older than the one given; undefined where there is none. */
export async function versionBefore(
  place: FunctionPlace,
  name: FunctionName,
  current: string,
  tools: Tools,
): Promise<string | undefined> {
  const older = (await publishedVersions(place, name, tools)).filter((one) => one < Number(current));
  return older.length === 0 ? undefined : String(Math.max(...older));
}

/** API Gateway calls the alias, so this is all that going back takes. */
export async function moveAlias(
  place: FunctionPlace,
  name: FunctionName,
  version: string,
  tools: Tools,
): Promise<void> {
  const args = ["lambda", "update-alias", ...target(place, name), "--name", alias, "--function-version", version];
  await tools.change("aws", [...args, "--output", "json"]);
}

/** The address of the API, as its stack says it. */
export async function apiUrl({ stage, region }: FunctionPlace, tools: Tools): Promise<string> {
  const args = ["cloudformation", "describe-stacks", "--stack-name", `${serviceName}-${stage}`, "--region", region];
  const { stdout } = await tools.ask("aws", [...args, "--output", "json"]);
  const [stack] = (JSON.parse(stdout) as { readonly Stacks: readonly Stack[] }).Stacks;
  const url = stack?.Outputs?.find(({ OutputKey }) => OutputKey === "ServiceEndpoint")?.OutputValue;
  if (url === undefined) throw new Error(`stack ${serviceName}-${stage} has no output ServiceEndpoint`);
  return url;
}

interface Stack {
  readonly Outputs?: readonly { readonly OutputKey: string; readonly OutputValue: string }[];
}

/** The value of the API's first key. It is printed nowhere. */
export async function apiKey({ stage, region }: FunctionPlace, tools: Tools): Promise<string> {
  const name = `${serviceName}-${stage}`;
  const args = ["apigateway", "get-api-keys", "--name-query", name, "--include-values", "--region", region];
  const { stdout } = await tools.ask("aws", [...args, "--output", "json"]);
  const { items } = JSON.parse(stdout) as {
    readonly items: readonly { readonly name: string; readonly value: string }[];
  };
  // The query matches beginnings.
  const key = items.find((one) => one.name === name)?.value;
  if (key === undefined) throw new Error(`API Gateway has no key ${name}`);
  return key;
}
