import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parse } from "yaml";
import { root } from "../../scripts/run.ts";
import { identityFaults, orbFaults } from "./orbs.ts";

const read = (file: string) => readFileSync(join(root, ".circleci", file), "utf8");
const faults = (text: string) => [...orbFaults(parse(text)), ...identityFaults(parse(text))];

suite("the orbs, as they were published", () => {
  for (const file of ["config.yml", "continue.yml"])
    test(`${file} calls what is there, as who it should be`, () => assert.deepEqual(faults(read(file)), []));

  const mutants = [
    ["a job that uses a stored key", "continue.yml", "use_oidc: true", "use_oidc: false", /not by the job's own token/],
    [
      "a misspelt parameter",
      "continue.yml",
      "override_installed: true",
      "override_install: true",
      /no parameter override_install/,
    ],
    [
      "a misspelt command",
      "config.yml",
      "path-filtering/set-parameters",
      "path-filtering/set_parameters",
      /no command set_parameters/,
    ],
    ["a parameter of another type", "continue.yml", "use_oidc: true", 'use_oidc: "true"', /no boolean/],
    [
      "a parameter that is missing",
      "config.yml",
      "          configuration_path: .circleci/continue.yml\n",
      "",
      /wants configuration_path/,
    ],
    ["a version that does not exist", "continue.yml", "aws-cli@5.4.0", "aws-cli@5.40.0", /no version 5\.40\.0/],
    [
      "another version than is known",
      "continue.yml",
      "aws-cli@5.4.0",
      "aws-cli@5.4.1",
      /what is known is of circleci\/aws-cli 5\.4\.0/,
    ],
    [
      "an orb that nobody looked at",
      "continue.yml",
      "circleci/aws-cli@5.4.0",
      "circleci/terraform@3.7.0",
      /nothing is known/,
    ],
    [
      "a plan with the role that deploys",
      "continue.yml",
      /AWS_PLAN_ROLE_ARN/,
      "AWS_DEPLOY_ROLE_ARN",
      /plan_infrastructure: acts with the right to DEPLOY/,
    ],
    [
      "a plan as who applies",
      "continue.yml",
      "{ account: GCP_PLAN_SERVICE_ACCOUNT }",
      "{ account: GCP_APPLY_SERVICE_ACCOUNT }",
      /right to APPLY/,
    ],
    [
      "an apply as who plans",
      "continue.yml",
      "{ account: GCP_APPLY_SERVICE_ACCOUNT }",
      "{ account: GCP_PLAN_SERVICE_ACCOUNT }",
      /apply_gke_infrastructure: acts with the right to PLAN/,
    ],
  ] as const;
  for (const [what, file, from, to, fault] of mutants)
    test(`${what} is found`, () => {
      const text = read(file);
      const mutant = text.replace(from, to);
      assert.notEqual(mutant, text);
      assert.match(faults(mutant).join("\n"), fault);
    });
});
