import { diagnose, type Finding } from "../../compose/doctor.ts";
import { diagnoseGenerator } from "../../compose/generator-doctor.ts";
import { IsthmusError } from "../../core/errors.ts";
import { type Command, type Invocation, textOption } from "../command.ts";
import { createFetchProgress } from "../terminal/fetch-progress.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { type Output, visible } from "../terminal/output.ts";
import { diagnoseFrom, type Vantage } from "./doctor-from.ts";
import { choiceOption, settingsOf, storeHelp, storeOption } from "./shared.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "check this machine, the model and the index, and say what to do",
  usage: "doctor [options]",
  options: { ...storeOption, from: { type: "string" }, function: { type: "string" }, image: { type: "string" } },
  optionHelp: {
    ...storeHelp,
    from: "lambda or pod: walk the way to Weaviate from there, through the aws or kubectl command",
    function: "the function to ask (default rag-query-api-dev-query:live)",
    image: "the ingestion image to run as a pod (default INGEST_IMAGE)",
  },
  examples: [
    "isthmus doctor",
    "isthmus doctor --json",
    "isthmus doctor --from lambda --function rag-query-api-prod-query:live",
  ],
  positionals: [0, 0],
  run,
};

const marks = { ok: ["green", "ok  "], warning: ["yellow", "note"], error: ["red", "FAIL"] } as const;

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const vantage = vantageOf(invocation);
  if (vantage !== undefined) return await reportFrom(vantage, output);
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
    if (settings.generator !== undefined) {
      const finding = await diagnoseGenerator(settings.generator, signal);
      findings.push(finding);
      print(output, finding);
    }
    return verdict(findings, output);
  });
}

function verdict(findings: readonly Finding[], output: Output): number {
  const healthy = findings.every((finding) => finding.level !== "error");
  output.data({ healthy, findings });
  return healthy ? 0 : 1;
}

async function reportFrom(vantage: Vantage, output: Output): Promise<number> {
  return await interruptible(output, "Stopping before everything was looked at.", async (signal) => {
    const findings = await diagnoseFrom(vantage, signal);
    for (const finding of findings) print(output, finding);
    if (findings.length > 0) return verdict(findings, output);
    throw new IsthmusError("config_invalid", `Nothing was looked at from the ${vantage.from}; its log says why.`);
  });
}

function vantageOf(invocation: Invocation): Vantage | undefined {
  const from = choiceOption(invocation, "from", ["lambda", "pod"]);
  if (from === undefined) return undefined;
  if (from === "lambda") {
    return { from, functionName: textOption(invocation, "function") ?? "rag-query-api-dev-query:live" };
  }
  const image = textOption(invocation, "image") ?? invocation.environment["INGEST_IMAGE"];
  if (image !== undefined && image !== "") return { from, image };
  throw new IsthmusError("config_invalid", "--from pod needs the ingestion image: set --image or INGEST_IMAGE.");
}

function print(output: Output, finding: Finding): void {
  const [style, mark] = marks[finding.level];
  output.line(`${output.style(style, mark)}  ${finding.check}: ${visible(finding.found)}`);
  if (finding.advice !== undefined) output.line(`      ${finding.advice}`);
}
