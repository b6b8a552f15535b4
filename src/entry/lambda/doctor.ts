import type { Finding } from "../../compose/finding.ts";
import { toIsthmusError } from "../../core/errors.ts";

/** What a direct invocation answers: `aws lambda invoke --payload '{"isthmus":"doctor"}'`. */
export interface DoctorResult {
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

/** Events of API Gateway are made by it, and have no such key: only who may invoke the function itself can ask this. */
export function asksForDoctor(event: unknown): boolean {
  return typeof event === "object" && event !== null && "isthmus" in event && event.isthmus === "doctor";
}

/** Walks the way from the function to Weaviate. Never rejects. */
export async function examine(diagnose: () => AsyncIterable<Finding>): Promise<DoctorResult> {
  const findings: Finding[] = [];
  try {
    for await (const finding of diagnose()) findings.push(finding);
  } catch (thrown) {
    findings.push({ check: "configuration", level: "error", found: toIsthmusError(thrown).message });
  }
  return { healthy: findings.every(({ level }) => level !== "error"), findings };
}
