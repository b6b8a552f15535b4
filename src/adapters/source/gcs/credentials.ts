import { IsthmusError, nameOf } from "../../../core/errors.ts";

/** Who we are to Google: an access token, renewed before it runs out. */
export interface Credentials {
  /** @throws `source_unreadable` where there are no credentials, `source_unavailable` where they cannot be had now. */
  token(): Promise<string>;
  /** The token was refused: the next one is fetched anew. */
  forget(): void;
}

/** Reading buckets. */
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only";

/**
 * Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS, what `gcloud auth application-default login` left, or
 * the metadata server of a machine or pod in Google Cloud (Workload Identity).
 * https://cloud.google.com/docs/authentication/application-default-credentials
 *
 * @param scope what the token is good for; default: reading buckets.
 */
export function applicationDefaultCredentials(scope: string = readOnly): Credentials {
  let client: Promise<{ getAccessToken(): Promise<{ token?: string | null }> }> | undefined;
  return {
    async token() {
      client ??= createClient(scope);
      try {
        const { token } = await (await client).getAccessToken();
        if (token) return token;
      } catch (thrown) {
        client = undefined;
        throw unavailable(thrown);
      }
      throw new IsthmusError("source_unreadable", `The Google credentials gave no access token. ${remedy}`);
    },
    forget() {
      client = undefined;
    },
  };
}

async function createClient(scope: string) {
  // Loaded when needed: it takes some 60 ms, and the emulator needs none.
  const { GoogleAuth } = await import("./google-auth.ts");
  return await new GoogleAuth({ scopes: [scope] }).getClient();
}

const remedy =
  "In Google Kubernetes Engine bind the pod's service account by Workload Identity; elsewhere run `gcloud auth application-default login` or set GOOGLE_APPLICATION_CREDENTIALS.";

function unavailable(thrown: unknown): IsthmusError {
  // Google's library says which file it missed; what parses one quotes it.
  const told = thrown instanceof Error && !(thrown instanceof SyntaxError);
  const message = told ? thrown.message : nameOf(thrown);
  const status = thrown instanceof Error && "status" in thrown ? Number(thrown.status) : Number.NaN;
  if (status === 429 || status >= 500) {
    return new IsthmusError(
      "source_unavailable",
      `No Google access token can be had now (${status}). Try again later.`,
      {
        cause: thrown,
      },
    );
  }
  return new IsthmusError("source_unreadable", `There are no usable Google credentials (${message}). ${remedy}`, {
    cause: thrown,
  });
}
