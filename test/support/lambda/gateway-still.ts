import { createRequire } from "node:module";
import { Compile, parse } from "velocityjs";
import { type StaticAnswer, staticAnswers } from "../../../scripts/bundle/lambda-static.ts";

/** What the gateway does with a path that it answers by itself, as CloudFormation has it. */
export interface StillIntegration {
  readonly IntegrationResponses: readonly {
    readonly StatusCode: string;
    readonly ResponseParameters: Readonly<Record<string, string>>;
    readonly ResponseTemplates: { readonly "application/json": string };
  }[];
}

const { integrationOf } = createRequire(import.meta.url)("../../../infra/serverless/static-answers.cjs") as {
  integrationOf(answer: StaticAnswer, origin: string): { readonly Integration: StillIntegration };
};

/** By path, as infra/serverless writes them into the template. */
export function stillIntegrations(origin: string): Readonly<Record<string, StillIntegration>> {
  const all = Object.entries(staticAnswers());
  return Object.fromEntries(all.map(([path, answer]) => [path, integrationOf(answer, origin).Integration]));
}

/**
 * The answer of a MOCK integration: its headers, and its template in Velocity, of whose variables and functions there are those that our
 * templates use.
 *
 * @param path what was asked for, with the stage.
 */
export function stillAnswer({ IntegrationResponses: [response] }: StillIntegration, path: string): Response {
  if (response === undefined) throw new Error("an integration without a response");
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.ResponseParameters)) {
    const [, quoted] = /^'([^']*)'$/.exec(value) ?? [];
    if (quoted === undefined) throw new Error(`${name}: ${value} is no static value`);
    headers.set(name.replace("method.response.header.", ""), quoted);
  }
  const override: { header: Record<string, string> } = { header: {} };
  const body = new Compile(parse(response.ResponseTemplates["application/json"])).render({
    context: { path, responseOverride: override },
    util: { base64Decode: (text: string) => Buffer.from(text, "base64").toString("utf8") },
  });
  for (const [name, value] of Object.entries(override.header)) headers.set(name, value);
  return new Response(body, { status: Number(response.StatusCode), headers });
}
