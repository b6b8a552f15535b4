import { APICallError } from "@ai-sdk/provider";
import { IsthmusError } from "../../../core/errors.ts";
import { record } from "../../../core/record.ts";
import { parseRetryAfter } from "../../model/retry-after.ts";
import type { ModelPlace } from "./model.ts";

/**
 * What a provider's failure means. Nothing of its own words is kept: providers quote the prompt, and documents are in it.
 *
 * @param where who was asked, for people: model and address.
 */
export function failureOf(thrown: unknown, place: ModelPlace, where: string): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  if (APICallError.isInstance(thrown)) return refusal(thrown, place, where);
  if (isIdentityFault(thrown)) {
    const whose = place.provider === "bedrock" ? "AWS role or profile" : "Google service account";
    return new IsthmusError(
      "generator_misconfigured",
      `${where} was not asked: no ${whose} can be found from here. Give the program one; a key is not needed.`,
    );
  }
  return new IsthmusError("generator_unavailable", `${where} broke off (${causeOf(thrown)}). Try again later.`);
}

function refusal(error: APICallError, place: ModelPlace, where: string): IsthmusError {
  const { statusCode: status, responseHeaders = {} } = error;
  if (status === undefined) {
    const message = `${where} cannot be reached (${causeOf(error.cause)}). Check ISTHMUS_GENERATOR_URL and that the provider runs.`;
    return new IsthmusError("generator_unavailable", message);
  }
  const answered = `${where} answered ${status}${nameIn(error.responseBody)}`;
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfterOf(responseHeaders);
    return new IsthmusError("generator_unavailable", `${answered}. Try again later.`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  // A stream that is none: a page of something else at this address.
  if (status < 400) {
    return new IsthmusError(
      "generator_misconfigured",
      `${where} answered something else than a stream. ${checkAddress(place)}`,
    );
  }
  if (status === 401 || status === 403)
    return new IsthmusError("generator_misconfigured", `${answered}. ${checkRights(place)}`);
  if (status === 404 || status === 405)
    return new IsthmusError("generator_misconfigured", `${answered}. ${checkAddress(place)}`);
  return new IsthmusError(
    "generator_rejected",
    `${answered}: it refuses this request. Check the model's name, and that ISTHMUS_GENERATOR_MAX_PASSAGE_TOKENS and ` +
      "ISTHMUS_GENERATOR_MAX_OUTPUT_TOKENS fit its context.",
  );
}

function checkRights({ provider }: ModelPlace): string {
  if (provider === "openai") return "Check ISTHMUS_GENERATOR_API_KEY.";
  if (provider === "bedrock")
    return "Check that the role may call bedrock:InvokeModelWithResponseStream on this model.";
  return "Check that the service account has the role roles/aiplatform.user in ISTHMUS_GENERATOR_PROJECT.";
}

function checkAddress({ provider }: ModelPlace): string {
  if (provider === "openai")
    return "Check ISTHMUS_GENERATOR_URL (it ends in /v1) and the model's name in ISTHMUS_GENERATOR.";
  return "Check the model's name in ISTHMUS_GENERATOR and ISTHMUS_GENERATOR_REGION.";
}

/** Seconds or a date; some providers tell milliseconds in a header of their own. */
function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const milliseconds = headers["retry-after-ms"];
  if (milliseconds !== undefined && /^\d{1,9}$/.test(milliseconds)) return Number(milliseconds);
  return parseRetryAfter(headers["retry-after"] ?? null);
}

/** ` (code)` of an error's body, in the providers' forms. Its message is left out. */
function nameIn(body: string | undefined): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? "");
  } catch {
    return "";
  }
  const outer = record(Array.isArray(parsed) ? parsed[0] : parsed);
  const { code, type, status } = record(outer["error"]);
  const names = [code, type, status, outer["__type"], outer["type"]];
  const name = names.find((value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value));
  return name === undefined ? "" : ` (${String(name)})`;
}

/** Whether the cloud's library found nobody to be. */
function isIdentityFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return /credential provider failed|default credentials/i.test(thrown.message);
}

/** The name of an error and its code, which hold nothing private. */
function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "an error in its stream";
  const inner = thrown.cause instanceof Error && !("code" in thrown) ? thrown.cause : thrown;
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : inner.name;
  return /^[\w.-]{1,64}$/.test(code) ? code : "an unnamed error";
}
