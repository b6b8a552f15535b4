import type { LanguageModelV4 } from "@ai-sdk/provider";

/** Where a model is served, and who asks. */
export type ModelPlace =
  | {
      /** An OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp, TGI, OpenAI itself. */
      readonly provider: "openai";
      readonly model: string;
      /** Up to and including `/v1`. */
      readonly url: string;
      readonly apiKey: string | undefined;
    }
  | {
      /** Amazon Bedrock, as the role that the program runs in. */
      readonly provider: "bedrock";
      readonly model: string;
      readonly region: string;
      /** An interface endpoint, where it is not the region's usual address. */
      readonly url: string | undefined;
    }
  | {
      /** Google Vertex AI, as the service account that the program runs as (application default credentials). */
      readonly provider: "vertex";
      readonly model: string;
      readonly project: string;
      /** A location, or `global`. */
      readonly region: string;
      readonly url: string | undefined;
    };

/** Who is asked, for people: the model and the host, without anything that is secret. */
export function whereOf(place: ModelPlace): string {
  const { model, provider, url } = place;
  if (url !== undefined) return `${model} at ${URL.canParse(url) ? new URL(url).host : "an address that is none"}`;
  return provider === "openai" ? model : `${model} on ${provider} in ${place.region}`;
}

/** How requests are put to models that know other parameters than most: newer ones refuse a temperature and the old name of the limit. */
export type Dialect = "usual" | "reasoning";

/** Loads the provider's client, which nobody needs who asks no model. */
export async function openModel(place: ModelPlace, dialect: () => Dialect): Promise<LanguageModelV4> {
  switch (place.provider) {
    case "openai": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const endpoint = createOpenAICompatible({
        name: "openai",
        baseURL: place.url,
        ...(place.apiKey !== undefined && { apiKey: place.apiKey }),
        includeUsage: true,
        transformRequestBody({ max_tokens, temperature, ...rest }) {
          return dialect() === "usual"
            ? { ...rest, max_tokens, temperature }
            : { ...rest, max_completion_tokens: max_tokens };
        },
      });
      return endpoint.chatModel(place.model);
    }
    case "bedrock": {
      const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
      return createAmazonBedrock({
        region: place.region,
        // Else it would take a key out of the environment.
        apiKey: "",
        credentialProvider: (await import("./aws-identity.ts")).awsIdentity(),
        ...(place.url !== undefined && { baseURL: place.url }),
      })(place.model);
    }
    case "vertex": {
      const { createGoogleVertex } = await import("@ai-sdk/google-vertex");
      return createGoogleVertex({
        project: place.project,
        location: place.region,
        apiKey: "",
        ...(place.url !== undefined && { baseURL: place.url }),
      })(place.model);
    }
  }
}
