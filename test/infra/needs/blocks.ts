import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A resource or data source of Terraform's, as its file spells it. */
export interface Written {
  /** Path below infra/terraform. */
  readonly file: string;
  readonly kind: "resource" | "data";
  readonly type: string;
  readonly name: string;
  readonly text: string;
}

/** Every resource and data source below a folder. Terraform's formatter, which a test runs, puts each block's ends at the margin. */
export function writtenIn(folder: string): Written[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".tf") && !file.includes(".terraform"),
  );
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [...text.matchAll(/^(resource|data) "(\w+)" "(\w+)" \{\n([\s\S]*?)^\}/gm)].map(
      ([, kind, type = "", name = "", body = ""]): Written => ({
        file,
        kind: kind === "data" ? "data" : "resource",
        type,
        name,
        text: body,
      }),
    );
  });
}

/** A statement of a policy, as far as the tests look at it. */
export interface Statement {
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  /** Whether it is for every resource. */
  readonly everywhere: boolean;
}

/** The statements of one list of modules/aws-ci/policies.tf. */
export function statementsOf(folder: string, list: "apply_statements" | "deploy_statements"): Statement[] {
  const text = readFileSync(join(folder, "modules/aws-ci/policies.tf"), "utf8");
  const body = new RegExp(`^  ${list} = \\[\\n([\\s\\S]*?)^  \\]`, "m").exec(text)?.[1];
  if (body === undefined) throw new Error(`modules/aws-ci/policies.tf has no ${list}`);
  return [...body.matchAll(/^ {4}\{\n([\s\S]*?)^ {4}\},?$/gm)].map(([, statement = ""]) => ({
    sid: /Sid\s+= "(\w+)"/.exec(statement)?.[1] ?? "",
    effect: /Effect\s+= "(\w+)"/.exec(statement)?.[1] ?? "",
    actions: [...statement.matchAll(/"([a-z0-9-]+:[A-Za-z]+)"/g)].map(([, action = ""]) => action),
    everywhere: /Resource\s+= "\*"/.test(statement),
  }));
}
