import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { goBinary } from "../peers/binaries.ts";
import { checkovBinary } from "../peers/checkov.ts";
import { goPrograms } from "../peers/programs.ts";
import { at, listAt, type Manifest } from "./manifests.ts";

/** A checker's finding: its rule, and the object it is about. */
export interface Finding {
  readonly rule: string;
  readonly object: string;
}

/** Findings that are right as they are, each with its reason. One that matches nothing any more is a fault of the list. */
export type Waivers = Readonly<Record<string, string>>;

export async function kubeScore(manifests: readonly Manifest[]): Promise<Finding[]> {
  const { path } = await goBinary(goPrograms.kubeScore);
  if (path === undefined) throw new Error("kube-score is missing");
  const parameters = ["score", "--output-format", "json", "--kubernetes-version", "v1.37", "-"];
  const output = await run(path, parameters, manifests.map((one) => stringify(one)).join("---\n"));
  const objects: unknown[] = JSON.parse(output);
  return objects.flatMap((object) =>
    listAt(object, "checks")
      // 1 is critical, 5 a warning, 10 all well.
      .filter((check) => at(check, "skipped") !== true && Number(at(check, "grade")) < 10)
      .map((check) => ({ rule: `${at(check, "check.id")}`, object: `${at(object, "object_name")}` })),
  );
}

export async function checkov(manifests: readonly Manifest[]): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-checkov-"));
  try {
    writeFileSync(join(folder, "manifests.yaml"), manifests.map((one) => stringify(one)).join("---\n"));
    return await checkovFolder(folder, "kubernetes");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function checkovFolder(
  folder: string,
  framework: "cloudformation" | "kubernetes" | "terraform",
): Promise<Finding[]> {
  const { path } = checkovBinary();
  if (path === undefined) throw new Error("checkov is missing");
  // --skip-download: it would ask its maker's server for guidelines.
  const parameters = ["-d", folder, "--framework", framework, "--skip-download", "--compact", "--quiet", "-o", "json"];
  const report: unknown = JSON.parse(await run(path, parameters));
  return listAt(report, "results.failed_checks").map((check) => ({
    rule: `${at(check, "check_id")}`,
    object: `${at(check, "resource")}`,
  }));
}

/** What a checker found beyond the waivers, and the waivers that nothing needs. */
export function unwaived(findings: readonly Finding[], waivers: Waivers): { found: string[]; stale: string[] } {
  const rules = new Set(findings.map(({ rule }) => rule));
  return {
    found: findings.filter(({ rule }) => !Object.hasOwn(waivers, rule)).map(({ rule, object }) => `${rule}: ${object}`),
    stale: Object.keys(waivers).filter((rule) => !rules.has(rule)),
  };
}

/** Resolves to what it printed, whatever its exit code: checkers end with 1 when they find something. */
function run(command: string, parameters: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("error", reject);
    child.on("close", () =>
      output === "" ? reject(new Error(`${command} printed nothing: ${errors}`)) : resolve(output),
    );
    child.stdin.end(input);
  });
}
