import { createHash, timingSafeEqual } from "node:crypto";
import { IsthmusError } from "../core/errors.ts";
import type { OrProblem, Problem } from "./problem.ts";

/** Whose key a request carries: a name of the key that is not the key, "" where nobody is asked for one; and whether it may write. */
interface Caller {
  readonly name: string;
  readonly mayWrite: boolean;
}

export type Authenticate = (headers: Headers) => OrProblem<Caller>;

/**
 * Checks keys in constant time: digests of equal length are compared, and always all of them.
 *
 * @param apiKeys keys that are valid now (two during a rotation). None at all turns the check off, which the server
 *   allows on loopback only.
 * @param writeKeys valid keys that may also write. Where nobody is asked for a key, everybody may.
 * @throws `config_invalid` for an empty key, which every request without one would match.
 */
export function createAuthenticate(apiKeys: readonly string[], writeKeys: readonly string[] = []): Authenticate {
  if ([...apiKeys, ...writeKeys].some((key) => key.trim() === "")) {
    throw new IsthmusError(
      "config_invalid",
      "An API key is empty. Remove it from ISTHMUS_API_KEYS, or give it a value.",
    );
  }
  const digestOf = (key: string) => sha256(Buffer.from(key, "utf8"));
  const known = [
    ...writeKeys.map((key) => ({ valid: digestOf(key), mayWrite: true })),
    ...apiKeys.map((key) => ({ valid: digestOf(key), mayWrite: false })),
  ];
  return (headers) => {
    if (known.length === 0) return { value: { name: "", mayWrite: true } };
    const sent = sentKeys(headers);
    let caller: Caller | undefined;
    // Header values are byte strings, so latin1 gives back the bytes that were sent, UTF-8 keys included.
    for (const key of sent) {
      const digest = sha256(Buffer.from(key, "latin1"));
      for (const { valid, mayWrite } of known) {
        if (!timingSafeEqual(digest, valid)) continue;
        caller = { name: caller?.name ?? nameOf(digest), mayWrite: mayWrite || caller?.mayWrite === true };
      }
    }
    return caller === undefined ? { problem: refusal(sent.length > 0) } : { value: caller };
  };
}

/** Names the key that a gateway has checked. */
export function callerBehindGateway(headers: Headers): string {
  const key = headers.get("x-api-key");
  return key === null ? "" : nameOf(sha256(Buffer.from(key, "latin1")));
}

function nameOf(digest: Buffer): string {
  return digest.toString("hex").slice(0, 16);
}

function sentKeys(headers: Headers): string[] {
  const bearer = /^bearer +(.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return [headers.get("x-api-key"), bearer].filter((key): key is string => typeof key === "string");
}

function refusal(sent: boolean): Problem {
  return {
    code: "unauthenticated",
    sentence: sent
      ? "The API key is not valid here. Check it for typing errors, or ask for a new one."
      : "Send an API key as `x-api-key: KEY` or `authorization: Bearer KEY`.",
    headers: { "www-authenticate": sent ? 'Bearer realm="isthmus", error="invalid_token"' : 'Bearer realm="isthmus"' },
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
