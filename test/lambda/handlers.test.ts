import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, suite, test } from "node:test";
import { root } from "../../scripts/run.ts";
import { onlyEverywhere, unusedByHandlers } from "../infra/needs/aws.ts";
import { type Statement, statementsOf } from "../infra/needs/blocks.ts";
import { allowedIn } from "../infra/needs/faults.ts";
import { pythonBinary, pythonPrograms } from "../peers/python.ts";
import { packageTemplate, preparedOsls, type Template } from "../support/lambda/osls.ts";
import { makeTemplateZips } from "../support/lambda/template-zips.ts";

const osls = preparedOsls();
const linter = pythonBinary(pythonPrograms.cfnLint);

/** What CloudFormation's handlers call in the name of who deploys, by type, as each type's own schema says. */
function handlersOf(types: ReadonlySet<string>): Map<string, string[]> {
  const place = join(dirname(linter.path ?? ""), "../lib/python3*/site-packages/cfnlint/data/schemas/resources/*.json");
  const found = new Map<string, string[]>();
  for (const file of globSync(place)) {
    const schema: { typeName: string; handlers?: Record<string, { permissions?: string[] }> } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    if (!types.has(schema.typeName)) continue;
    const called = ["create", "read", "update", "delete"].flatMap((each) => schema.handlers?.[each]?.permissions ?? []);
    found.set(schema.typeName, [...new Set([...(found.get(schema.typeName) ?? []), ...called])].sort());
  }
  return found;
}

/** What who deploys lacks for the resources of a template. */
function lacking(template: Template, statements: readonly Statement[]): string[] {
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  const handlers = handlersOf(types);
  const allowed = allowedIn(statements);
  const everywhere = allowedIn(statements.filter(({ everywhere: all }) => all));
  return [...types].flatMap((type) => {
    const called = handlers.get(type);
    if (called === undefined) return [`${type}: its schema is not known`];
    return called
      .filter((action) => !unusedByHandlers.some(({ actions }) => actions.test(action)))
      .filter((action) => !(onlyEverywhere.includes(action) ? everywhere : allowed).has(action))
      .map((action) => `${type}: ${action}`);
  });
}

suite("who deploys may do what CloudFormation's handlers do", { skip: osls.skip || linter.skip }, () => {
  const statements = statementsOf(join(root, "infra/terraform"), "deploy_statements");
  let template: Template;
  before(async () => {
    if (osls.skip !== false) return;
    await makeTemplateZips();
    ({ template } = packageTemplate(osls.script));
  });

  test("for every type in the template", () => assert.deepEqual(lacking(template, statements), []));

  for (const action of ["iam:PassRole", "logs:DescribeLogGroups", "iam:ListRolePolicies", "s3:DeleteBucketPolicy"])
    test(`and without ${action} it is found`, () => {
      const less = statements.map((one) => ({ ...one, actions: one.actions.filter((each) => each !== action) }));
      assert.match(lacking(template, less).join("\n"), new RegExp(action));
    });

  test("a right that counts for all or for none must be for all", () => {
    const narrow = statements.map((one) => ({ ...one, everywhere: false }));
    assert.match(lacking(template, narrow).join("\n"), /AWS::Logs::LogGroup: logs:DescribeLogGroups/);
  });
});
