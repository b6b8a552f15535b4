import { diagnose, type Finding } from "../../compose/doctor.ts";
import type { Command, Invocation } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { type Output, visible } from "../terminal/output.ts";
import { settingsOf, storeHelp, storeOption } from "./shared.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "check this machine, the model and the index, and say what to do",
  usage: "doctor [options]",
  options: { ...storeOption },
  optionHelp: { ...storeHelp },
  examples: ["isthmus doctor", "isthmus doctor --json"],
  positionals: [0, 0],
  run,
};

const marks = { ok: ["green", "ok  "], warning: ["yellow", "note"], error: ["red", "FAIL"] } as const;

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const settings = settingsOf(invocation);
  const progress = createFetchProgress(output);
  return await interruptible(output, "Stopping before everything was looked at.", async (signal) => {
    const findings: Finding[] = [];
    try {
      for await (const finding of diagnose(settings, { onFetchProgress: progress.onProgress, signal })) {
        progress.stop();
        findings.push(finding);
        print(output, finding);
      }
    } finally {
      progress.stop();
    }
    signal.throwIfAborted();
    const healthy = findings.every((finding) => finding.level !== "error");
    output.data({ healthy, findings });
    return healthy ? 0 : 1;
  });
}

function print(output: Output, finding: Finding): void {
  const [style, mark] = marks[finding.level];
  output.line(`${output.style(style, mark)}  ${finding.check}: ${visible(finding.found)}`);
  if (finding.advice !== undefined) output.line(`      ${finding.advice}`);
}
