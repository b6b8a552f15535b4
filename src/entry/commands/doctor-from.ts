import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../compose/finding.ts";
import { packageRoot } from "../../compose/package.ts";
import { IsthmusError } from "../../core/errors.ts";

/** Where the way to Weaviate is walked from, when not from here. */
export type Vantage =
  | { readonly from: "lambda"; readonly functionName: string }
  | { readonly from: "pod"; readonly image: string };

const jobManifest = "infra/k8s/ingest/job.yaml";

/**
 * Has the function, or a pod of the ingestion Job, walk the way to Weaviate, through the command line of its cloud.
 *
 * @throws `config_invalid` where that command is missing, or fails.
 */
export async function diagnoseFrom(vantage: Vantage, signal: AbortSignal): Promise<Finding[]> {
  return vantage.from === "lambda"
    ? await fromLambda(vantage.functionName, signal)
    : await fromPod(vantage.image, signal);
}

async function fromLambda(functionName: string, signal: AbortSignal): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-doctor-"));
  try {
    // By files: as an argument, the second version of the command would have the payload in base64, which the first does not
    // know; and neither can open a pipe of Node's by the name of /dev/stdout.
    const [payload, answer] = [join(folder, "payload.json"), join(folder, "answer.json")];
    writeFileSync(payload, '{"isthmus":"doctor"}');
    const args = ["lambda", "invoke", "--function-name", functionName, "--payload", `fileb://${payload}`, answer];
    await run("aws", args, undefined, signal);
    const { findings } = (parsed(readFileSync(answer, "utf8")) ?? {}) as { findings?: Finding[] };
    if (findings !== undefined) return [...findings, await concurrencyOf(functionName, signal)];
    throw failed("aws", `the function ${functionName} answered no findings; is it of this version?`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new account may run 10 or 50 functions at once, and that is soon too few; 1,000 is what others have. */
const enoughAtOnce = 100;

/** How many requests may be answered at once: what the account may run, and what the function keeps for itself. */
async function concurrencyOf(functionName: string, signal: AbortSignal): Promise<Finding> {
  const check = "concurrency";
  const [name = functionName] = functionName.split(":live");
  try {
    const json = ["--output", "json"];
    const account = parsed(await run("aws", ["lambda", "get-account-settings", ...json], undefined, signal));
    const own = await run(
      "aws",
      ["lambda", "get-function-concurrency", "--function-name", name, ...json],
      undefined,
      signal,
    );
    const { AccountLimit: limit } = account as { AccountLimit: { ConcurrentExecutions: number } };
    const reserved = (parsed(own) as { ReservedConcurrentExecutions?: number } | undefined)
      ?.ReservedConcurrentExecutions;
    const kept =
      reserved === undefined ? "none of them kept for this one" : `${reserved} of them kept for this one, and no more`;
    const found = `the account may run ${limit.ConcurrentExecutions} functions at once in this region, ${kept}`;
    if (limit.ConcurrentExecutions >= enoughAtOnce) return { check, level: "ok", found };
    const advice =
      "Ask for more, which is free: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000";
    return { check, level: "warning", found, advice };
  } catch (error) {
    if (signal.aborted) throw error;
    const found = `not looked at: ${error instanceof Error ? error.message : error}`;
    return {
      check,
      level: "warning",
      found,
      advice: "It takes lambda:GetAccountSettings and lambda:GetFunctionConcurrency.",
    };
  }
}

/** A Job like that of an ingestion, with its account, its keys and its network, that only looks. */
async function fromPod(image: string, signal: AbortSignal): Promise<Finding[]> {
  const file = join(packageRoot(), jobManifest);
  if (!existsSync(file)) throw failed("kubectl", `${jobManifest} is not here; run this in a clone of the repository`);
  const manifest = readFileSync(file, "utf8")
    .replaceAll("INGEST_IMAGE", image)
    .replace("generateName: ingest-", "generateName: doctor-")
    .replace(/^( *)image: .*$/m, '$&\n$1args: ["doctor"]')
    .replace(/backoffLimitPerIndex: \d+/, "backoffLimitPerIndex: 0");
  const created = (await run("kubectl", ["create", "-f", "-", "-o", "name"], manifest, signal)).trim();
  const namespace = /^ {2}namespace: (\S+)$/m.exec(manifest)?.[1] ?? "default";
  try {
    const logs = ["logs", "--follow", "--pod-running-timeout=5m", "--namespace", namespace, created];
    const printed = await run("kubectl", logs, undefined, signal);
    return printed.split("\n").flatMap((line) => {
      const entry = parsed(line) as
        | { check?: Finding["check"]; level?: Finding["level"]; message?: string }
        | undefined;
      if (entry?.check === undefined || entry.level === undefined) return [];
      return [{ check: entry.check, level: entry.level, found: entry.message ?? "" }];
    });
  } finally {
    await run("kubectl", ["delete", "--namespace", namespace, "--wait=false", created], undefined, undefined);
  }
}

async function run(command: string, args: readonly string[], input?: string, signal?: AbortSignal): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...(signal && { signal }) });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? failed(command, `${command} is not installed, or not on the PATH`) : error),
    );
    child.on("close", (code) =>
      code === 0 ? resolve(stdout) : reject(failed(command, stderr.trim() || `${command} ended with ${code}`)),
    );
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function failed(command: string, reason: string): IsthmusError {
  return new IsthmusError("config_invalid", `Through ${command}: ${reason}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
