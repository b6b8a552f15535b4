/** One step of the rehearsal. */
export interface Act {
  readonly name: string;
  /** What of it was the real thing. */
  readonly real: string;
  readonly outcome: string;
  readonly passed: boolean;
  readonly seconds: number;
}

export interface Rehearsal {
  readonly acts: readonly Act[];
  /** Calls that a stand-in answered, by program. */
  readonly stoodIn: Readonly<Record<string, number>>;
}

/** A report for a person, in Markdown. */
export function reportOf({ acts, stoodIn }: Rehearsal): string {
  const failed = acts.filter(({ passed }) => !passed);
  const rows = acts.map(
    ({ name, real, outcome, passed, seconds }) =>
      `| ${passed ? "passed" : "**failed**"} | ${name} | ${cell(outcome)} | ${real} | ${seconds.toFixed(1)} |`,
  );
  const calls = Object.entries(stoodIn).map(([program, count]) => `- \`${program}\`: ${count} calls`);
  return `# Rehearsal of the pipeline

${failed.length === 0 ? `All ${acts.length} steps did what they should.` : `${failed.length} of ${acts.length} steps did not.`}

| | step | outcome | what was real | s |
|---|---|---|---|---:|
${rows.join("\n")}

## What stood in

${calls.join("\n")}

Each refused flags that the real program does not know. Buckets were fake-gcs-server's; \`kubectl\` is counted only where it
needs a node (\`port-forward\`, \`logs\`), all else went to the API server; StatefulSets and Jobs were run by this program in place
of Kubernetes' controllers. What only a cloud can show: permissions, quotas, the providers' own checks, pulling images, the link.
`;
}

function cell(text: string): string {
  return text.trim().replaceAll("|", "\\|").split("\n").slice(0, 3).join("<br>");
}
