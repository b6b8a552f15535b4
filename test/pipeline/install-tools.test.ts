import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { root } from "../../scripts/run.ts";

suite("install-tools.sh", { skip: process.platform === "win32" && "it is a shell script" }, () => {
  /** Runs it where `go` (which would compile for minutes) notes what it is asked, and knows this version of syft. */
  function install(
    known: string,
    settings: string,
    ...tools: string[]
  ): { readonly calls: string; readonly shell: string } {
    const folder = mkdtempSync(join(tmpdir(), "isthmus-tools-"));
    try {
      const script = `#!/bin/sh
case "$1" in
  version) printf '\\tmod\\tgithub.com/anchore/syft\\t${known}\\th1:x=\\n' ;;
  *) echo "$@" >> calls ;;
esac
`;
      writeFileSync(join(folder, "go"), script, { mode: 0o755 });
      writeFileSync(join(folder, "calls"), "");
      mkdirSync(join(folder, ".circleci"));
      writeFileSync(join(folder, ".circleci/installation.env"), settings);
      const environment = { PATH: `${folder}:${process.env["PATH"]}`, HOME: folder, BASH_ENV: join(folder, "shell") };
      writeFileSync(environment.BASH_ENV, "");
      const file = join(root, "scripts/ci/install-tools.sh");
      const { status, stderr } = spawnSync("bash", [file, ...tools], {
        cwd: folder,
        env: environment,
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      return { calls: readFileSync(join(folder, "calls"), "utf8"), shell: readFileSync(environment.BASH_ENV, "utf8") };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const [, version = ""] =
    /^syft_version=(\S+)$/m.exec(readFileSync(join(root, "scripts/ci/install-tools.sh"), "utf8")) ?? [];

  test("compiles a scanner that is not there, or another version, and no other", () => {
    assert.match(install(version, "", "grype").calls, /^install github\.com\/anchore\/grype\/cmd\/grype@v[\d.]+\n$/);
    assert.match(install("v1.0.0", "", "syft").calls, /^install github\.com\/anchore\/syft\/cmd\/syft@v[\d.]+\n$/);
    assert.equal(install(version, "", "syft").calls, "");
  });

  test("CircleCI keeps what was compiled until the script names another version", () => {
    const config = readFileSync(join(root, ".circleci/continue.yml"), "utf8");
    const keys = [...config.matchAll(/tools-v1-\{\{ checksum "([^"]+)" \}\}/g)].map(([, file]) => file);
    assert.deepEqual(keys, ["scripts/ci/install-tools.sh", "scripts/ci/install-tools.sh"], "restored, and saved");
  });

  test("names of the installation reach every later step, and nothing else of the file does", () => {
    const { shell } = install(version, "# a comment\nGOOGLE_PROJECT_ID=my-project\n$(touch x)\nAWS_REGION=us-east-1\n");
    assert.match(shell, /^export GOOGLE_PROJECT_ID=my-project\nexport AWS_REGION=us-east-1\n/m);
    assert.doesNotMatch(shell, /touch/);
  });
});
