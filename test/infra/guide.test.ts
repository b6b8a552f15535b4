import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

const root = join(import.meta.dirname, "../..");
const guide = join(root, "docs/operations");
const pages = readdirSync(guide).map((page) => [page, readFileSync(join(guide, page), "utf8")] as const);

suite("the operator's guide", () => {
  for (const [page, text] of pages) {
    test(`${page} names only what is there`, () => {
      const places = [...text.matchAll(/\b(?:infra|test)\/[\w./-]*\w/g)].map(([place]) => place);
      for (const place of places) {
        if (!place.endsWith("terraform.tfvars")) assert.ok(existsSync(join(root, place)), place);
      }
      for (const [, link = ""] of text.matchAll(/\]\((?!http)([^)#]+)\)/g))
        assert.ok(existsSync(join(guide, link)), link);
    });
  }

  test("its variables and outputs exist", () => {
    const text = pages.map(([, page]) => page).join("\n");
    const terraform = ["gcp", "aws", "link"]
      .flatMap((place) => ["variables.tf", "outputs.tf"].map((file) => join(root, "infra/terraform", place, file)))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const named = [
      ...[...text.matchAll(/output (?:`(\w+)`|-raw (\w+))/g)].map(([, name, raw]) => `output "${name ?? raw}"`),
      ...[...text.matchAll(/^#? ?(\w+) += (?:"|\[|\{)/gm)].map(([, name]) => `variable "${name}"`),
      ...[...text.matchAll(/-var (\w+)=/g)].map(([, name]) => `variable "${name}"`),
    ];
    assert.ok(named.length >= 10);
    for (const name of new Set(named)) assert.ok(terraform.includes(name), name);
  });
});

suite("bootstrap.sh", { skip: process.platform === "win32" && "it is a shell script" }, () => {
  /** The calls that it makes of a gcloud that knows, or does not know, every thing it is asked to describe. */
  function calls(known: boolean, ...parameters: string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), "isthmus-bootstrap-"));
    try {
      const log = join(folder, "calls");
      writeFileSync(log, "");
      // Google's cloud cannot run here: what stands for gcloud notes what it is asked.
      const script = `#!/bin/sh
case "$*" in *--lifecycle-file*) for file; do :; done; rules="$(cat "$file")" ;; esac
echo "$@" $rules >> "${log}"
case "$*" in *describe*) exit ${known ? 0 : 1} ;; esac
`;
      writeFileSync(join(folder, "gcloud"), script);
      chmodSync(join(folder, "gcloud"), 0o755);
      const environment = { PATH: `${folder}:${process.env["PATH"]}` };
      execFileSync("bash", [join(root, "infra/terraform/bootstrap.sh"), ...parameters], { env: environment });
      return readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test("makes two private, versioned buckets that forget plans, the link's with a key of its own", () => {
    const made = calls(false, "my-project").filter((call) => /buckets (create|update)/.test(call));
    const [states, statesVersions, link, linkVersions] = made;
    assert.equal(made.length, 4);
    assert.match(states ?? "", /gs:\/\/my-project-isthmus-state .*--public-access-prevention$/);
    assert.match(link ?? "", /link-state .*--default-encryption-key projects\/my-project\/.*\/cryptoKeys\/link$/);
    for (const versions of [statesVersions, linkVersions]) {
      const [, rules = ""] = /--versioning --lifecycle-file \S+ (.+)$/.exec(versions ?? "") ?? [];
      const forgotten = { action: { type: "Delete" }, condition: { age: 14, matchesPrefix: ["plans/"] } };
      assert.deepEqual(JSON.parse(rules), { rule: [forgotten] });
    }
  });

  test("makes nothing twice", () => {
    assert.deepEqual(
      calls(true, "my-project").filter((call) => / create /.test(call)),
      [],
    );
  });

  test("a dry run calls nothing", () => assert.deepEqual(calls(false, "my-project", "--dry-run"), []));

  test("without a project it says how it is used", () => {
    assert.throws(() => calls(false), /Usage: infra\/terraform\/bootstrap\.sh/);
  });
});
