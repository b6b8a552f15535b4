// Options that several steps share. Contexts hold only names and ids: docs/operations/pipeline.md lists them.

export const project = { about: "Google Cloud project", variable: "GOOGLE_PROJECT_ID" } as const;

export const region = {
  about: "Google Cloud region",
  variable: "GOOGLE_COMPUTE_REGION",
  fallback: "us-east4",
} as const;

export const stage = { about: "Stage of the query function", variable: "ISTHMUS_STAGE", fallback: "dev" } as const;

export const awsRegion = { about: "AWS region", variable: "AWS_REGION", fallback: "us-east-1" } as const;

export const commit = {
  about: "Full commit id; default: the one that is checked out",
  variable: "CIRCLE_SHA1",
  optional: true,
} as const;

export const stateBucket = {
  about: "Bucket of the Terraform states and of what was deployed; default PROJECT-isthmus-state",
  variable: "ISTHMUS_STATE_BUCKET",
  optional: true,
} as const;

export const overlay = {
  about: "Which overlay of the manifests",
  variable: "ISTHMUS_OVERLAY",
  fallback: "production",
  choices: ["starter", "starter-public", "production"],
} as const;

export const pollSeconds = { about: "Seconds between two looks", fallback: "5" } as const;

/** The bucket that infra/terraform/bootstrap.sh makes. */
export function stateBucketOf(values: { readonly project: string; readonly "state-bucket": string }): string {
  return values["state-bucket"] === "" ? `${values.project}-isthmus-state` : values["state-bucket"];
}

export const repository = { about: "Folder of the git repository", fallback: "." } as const;
