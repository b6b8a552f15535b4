import type { SeenPod } from "./pods.ts";

/** One step of the rehearsal. */
export interface Act {
  readonly name: string;
  /** As a person would call it. */
  readonly command: string;
  /** What of it was the real thing. */
  readonly real: string;
  /** What it said, in a few words; where it failed, all of it. */
  readonly outcome: string;
  readonly passed: boolean;
  readonly seconds: number;
}

export interface Rehearsal {
  readonly acts: readonly Act[];
  /** Names of the steps that a failure kept from being tried. */
  readonly notReached: readonly string[];
  /** Calls that a stand-in answered, by program. */
  readonly stoodIn: Readonly<Record<string, number>>;
  readonly pods: readonly SeenPod[];
}

/** Enough of a failure to see why: programs say it on their last lines. */
const linesOfFailure = 40;

/** A report for a person, in Markdown: first whether all is well, then what is not, then the rest. */
export function reportOf({ acts, notReached, stoodIn, pods }: Rehearsal): string {
  const failed = acts.filter(({ passed }) => !passed);
  const seconds = acts.reduce((sum, act) => sum + act.seconds, 0);
  const steps = acts.length + notReached.length;
  const verdict =
    failed.length === 0
      ? `All ${steps} steps did what they should, in ${seconds.toFixed(0)} s. Those called drills are meant to fail.`
      : `**${failed.length} of ${steps} steps failed: ${failed.map(({ name }) => name).join("; ")}.**`;
  const rows = acts.map(
    ({ name, real, outcome, passed, seconds: took }) =>
      `| ${passed ? "passed" : "**failed**"} | ${name} | ${passed ? cell(outcome) : "see above"} | ${real} | ${took.toFixed(1)} |`,
  );
  const calls = Object.entries(stoodIn).map(([program, count]) => `\`${program}\` (${count})`);
  return `# Rehearsal of the pipeline

${verdict}
${failed.map(failure).join("")}${notReached.length === 0 ? "" : `\nNot reached: ${notReached.join("; ")}.\n`}
## Step by step

| | step | outcome | what was real | s |
|---|---|---|---|---:|
${rows.join("\n")}

## Pods

| pod | node | end | restarts | created | s until ready | what the cluster said |
|---|---|---|---:|---|---:|---|
${pods.map(podRow).join("\n")}

## What stood in

Calls that a stand-in answered: ${calls.join(", ") || "none"}. Each refused flags that the real program does not know. \`docker\` was
buildah, its base image made of Debian's packages and npm's Node, its registry the nodes themselves. The cluster's machines were
namespaces of this one; its disks, its load balancer, Google's metadata server, Cloud Storage (fake-gcs-server) and Pub/Sub (pstest) were
played. What only a cloud can show: permissions, quotas, the providers' own checks, pulling images, real disks and load
balancers, the link.
`;
}

function podRow({ name, node, phase, restarts, created, ready, events }: SeenPod): string {
  const seconds = ready === "" ? "" : `${(Date.parse(ready) - Date.parse(created)) / 1000}`;
  const cells = [name, node, phase, `${restarts}`, created.slice(11, 19), seconds, cell(events.join("\n"))];
  return `| ${cells.join(" | ")} |`;
}

function failure({ name, command, outcome }: Act): string {
  const lines = outcome.trimEnd().split("\n");
  const left = lines.length - linesOfFailure;
  const shown = left > 0 ? [`… ${left} lines before`, ...lines.slice(left)] : lines;
  return `\n## Failed: ${name}\n\n\`${command}\`\n\n\`\`\`\`text\n${shown.join("\n")}\n\`\`\`\`\n`;
}

function cell(text: string): string {
  return text.trim().replaceAll("|", "\\|").split("\n").slice(0, 8).join("<br>");
}

/** The lines of an output that say what was to be heard; a long one without its middle, for ends tell most. */
export function saidBy(output: string, says: RegExp): string {
  const { index, 0: match } = says.exec(output) ?? { index: 0, 0: "" };
  const start = output.lastIndexOf("\n", index) + 1;
  const end = output.indexOf("\n", index + match.length);
  const said = output.slice(start, end === -1 ? undefined : end);
  return said.length <= 320 ? said : `${said.slice(0, 160)} … ${said.slice(-160)}`;
}
