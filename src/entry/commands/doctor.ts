import { diagnose, type Finding } from "../../compose/doctor.ts";
import type { Command, Invocation } from "../command.ts";
import type { Output } from "../terminal/output.ts";
import { settingsOf } from "./shared.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "check this machine, the model and the index, and say what to do",
  usage: "doctor [options]",
  options: {},
  optionHelp: {},
  examples: ["isthmus doctor", "isthmus doctor --json"],
  positionals: [0, 0],
  run,
};

const marks = { ok: ["green", "ok  "], warning: ["yellow", "note"], error: ["red", "FAIL"] } as const;

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const findings: Finding[] = [];
  for await (const finding of diagnose(settingsOf(invocation))) {
    findings.push(finding);
    print(output, finding);
  }
  const healthy = findings.every((finding) => finding.level !== "error");
  output.data({ healthy, findings });
  return healthy ? 0 : 1;
}

function print(output: Output, finding: Finding): void {
  const [style, mark] = marks[finding.level];
  output.line(`${output.style(style, mark)}  ${finding.check}: ${finding.found}`);
  if (finding.advice !== undefined) output.line(`      ${finding.advice}`);
}
