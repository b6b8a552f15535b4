/** A pod of the ingestion Job, as far as the pipeline looks at it. */
export interface JobPod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly Reason[];
    readonly containerStatuses?: readonly {
      readonly state: { readonly waiting?: Reason; readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

interface Reason {
  readonly reason?: string;
  readonly message?: string;
}

/** Why a pod has not started, in Kubernetes' own words: no room for it, or no image. */
export function waitsFor({ status }: JobPod): string {
  const waiting = status.containerStatuses?.map(({ state }) => state.waiting).find((one) => one?.reason !== undefined);
  const { reason = "it is new", message } = waiting ?? status.conditions?.find((one) => one.reason !== undefined) ?? {};
  return message === undefined ? reason : `${reason}: ${message}`;
}

/** @returns 2 where documents alone stood in the way of every index that failed, else 1. */
export function exitCodeOf(pods: readonly JobPod[]): 1 | 2 {
  const byIndex = new Map<string, (number | undefined)[]>();
  for (const { metadata, status } of pods) {
    const index = metadata.labels?.["batch.kubernetes.io/job-completion-index"] ?? "";
    const codes = (status.containerStatuses ?? []).map(({ state }) => state.terminated?.exitCode);
    byIndex.set(index, [...(byIndex.get(index) ?? []), ...codes]);
  }
  // An index is tried again after any other end than these two.
  const failed = [...byIndex.values()].filter((codes) => !codes.includes(0));
  return failed.length > 0 && failed.every((codes) => codes.includes(2)) ? 2 : 1;
}
