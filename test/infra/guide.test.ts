import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { serverSide } from "../../scripts/ci/kubernetes.ts";

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

  test("of every part it says which tests proved it", () => {
    const [, table = ""] =
      /^## What was proven[\s\S]*?^\|---.*\n([\s\S]*?)\n\n/m.exec(readFileSync(join(guide, "README.md"), "utf8")) ?? [];
    const parts = table.split("\n");
    assert.ok(parts.length >= 14, `${parts.length} parts`);
    // That each is there is the test before this.
    for (const part of parts) assert.match(part, /`test\/[\w./-]+\.test\.ts`/);
  });

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

/** A Terraform root named by a command, and the addresses of resources in it, as `module.link[0].aws_vpn_connection.this`. */
function addressesIn(text: string): { readonly place: string; readonly address: string }[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const place = /-chdir=infra\/terraform\/(\w+)/.exec(paragraph)?.[1] ?? "gcp";
    return [...paragraph.matchAll(/\bmodule\.[\w[\]]+\.\w+\.\w+/g)].map(([address]) => ({ place, address }));
  });
}

/** Why Terraform would not know an address; undefined where it does. */
function strangeAddress(place: string, address: string): string | undefined {
  const read = (folder: string) =>
    globSync("*.tf", { cwd: join(root, "infra/terraform", folder) })
      .map((file) => readFileSync(join(root, "infra/terraform", folder, file), "utf8"))
      .join("\n");
  const [, module = "", index, type, name] = /^module\.(\w+?)(\[\d+\])?\.(\w+)\.(\w+)$/.exec(address) ?? [];
  const [, block = ""] = new RegExp(`^module "${module}" \\{\\n([\\s\\S]*?)^\\}`, "m").exec(read(place)) ?? [];
  const [, source] = /source\s+= "\.\.\/([^"]+)"/.exec(block) ?? [];
  if (source === undefined) return `${place} has no module ${module}`;
  if (/^ {2}count\s/m.test(block) !== (index !== undefined)) return `module ${module} of ${place} has another index`;
  return read(source).includes(`resource "${type}" "${name}"`) ? undefined : `${source} has no ${type}.${name}`;
}

suite("the guide's addresses of Terraform", () => {
  test("each is one that Terraform knows", () => {
    const all = pages.flatMap(([page, text]) => addressesIn(text).map((one) => ({ page, ...one })));
    assert.ok(all.length >= 5, `${all.length} addresses`);
    for (const { page, place, address } of all) assert.equal(strangeAddress(place, address), undefined, page);
  });

  test("one without its index, of no module or of no resource would be seen", () => {
    assert.match(strangeAddress("link", "module.link.aws_vpn_connection.this") ?? "", /another index/);
    assert.match(strangeAddress("link", "module.links[0].aws_vpn_connection.this") ?? "", /no module/);
    assert.match(strangeAddress("link", "module.link[0].aws_vpn_connections.this") ?? "", /has no aws_vpn_connections/);
  });
});

/** The rows of a page's tables, each as its cells; the numbers stand without their stars. */
function rowsOf(page: string): string[][] {
  const text = readFileSync(join(guide, page), "utf8");
  return [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) => row.replaceAll("**", "").split(" | "));
}

suite("the guide's costs", () => {
  for (const [index, shape] of [
    [1, "starter"],
    [2, "production"],
  ] as const) {
    test(`a month of ${shape}: the steps add up to the page of costs`, () => {
      const total = Number(rowsOf("costs.md").find(([name]) => name === "together")?.[index]);
      const steps = rowsOf("first-query.md").filter(([name = ""]) => /^\d\. /.test(name));
      assert.equal(steps.length, 8);
      const dollars = steps.map((cells) => (cells[index + 1] === "by use" ? 0 : Number(cells[index + 1])));
      assert.equal(
        dollars.reduce((sum, one) => sum + one, 0),
        total,
      );
    });
  }
});

suite("the guide's commands", { skip: process.platform === "win32" && "they are for a shell" }, () => {
  for (const [page, text] of pages) {
    const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
    if (blocks.length > 0)
      test(`${page}: the shell can read them`, () => {
        for (const block of blocks) execFileSync("bash", ["-n"], { input: block, stdio: "pipe" });
      });
  }
});

/**
 * The calls of kubectl in a text: a line of shell to its end or its pipe, whatever stands before, with continued lines joined. In a page a
 * call in backticks counts too.
 */
function kubectlCalls(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, " ")
    .replaceAll(/\|\s*\n\s*/g, "| ")
    .split("\n")
    .flatMap((line) =>
      [...line.matchAll(/\bkubectl [^|`]*(?:\|(?!\|) *kubectl [^|`]*)?/g)].map(([call]) => call.trim()),
    );
}

/** Why a call would leave fields to another owner than the pipeline, which then could not take away what git removes; or undefined. */
function strangeOwner(call: string): string | undefined {
  const [first = "", second] = call.split("|").map((part) => part.trim());
  const secrets = "kubectl apply --server-side --field-manager=isthmus-ci-secrets --force-conflicts -f -";
  if (/ create secret /.test(first))
    return / --dry-run=client -o yaml/.test(first) && second === secrets ? undefined : "a Secret by another way";
  if (second !== undefined) return strangeOwner(first) ?? strangeOwner(second);
  // A run, which nobody applies again.
  if (/ create (-f -$|job --from=)/.test(first)) return undefined;
  if (/ (create|replace|edit|label|annotate|set|scale|run|expose) /.test(` ${first.replace(/^kubectl /, "")} `))
    return "not by apply";
  if (!/ apply\b/.test(first) || / kustomize /.test(first)) return undefined;
  return first.includes(`apply ${serverSide.join(" ")}`) || first === secrets ? undefined : "another field manager";
}

suite("one owner of what is in the cluster", () => {
  const manifests = globSync("infra/k8s/**/*.yaml", { cwd: root }).map(
    (file) => [file, readFileSync(join(root, file), "utf8")] as const,
  );
  const all = [...pages, ...manifests].flatMap(([place, text]) =>
    kubectlCalls(text).map((call) => [place, call] as const),
  );

  test("every documented apply names the pipeline's own field manager", () => {
    assert.ok(all.filter(([, call]) => /apply/.test(call)).length >= 5, `${all.length} calls`);
    for (const [place, call] of all) assert.equal(strangeOwner(call), undefined, `${place}: ${call}`);
  });

  test("a call that does not would be seen", () => {
    for (const call of [
      "kubectl apply -f -",
      "kubectl -n isthmus apply --server-side --field-manager=anna --force-conflicts -f x.yaml",
      "kubectl -n isthmus create secret generic a --from-file=b",
      "kubectl create secret generic a --dry-run=client -o yaml | kubectl apply -f -",
      "kubectl kustomize x | kubectl apply --server-side -f -",
      "kubectl -n isthmus scale statefulset/weaviate --replicas=0",
    ])
      assert.notEqual(strangeOwner(call), undefined, call);
  });
});

suite("the guide's settings", { skip: process.platform === "win32" && "they are for a shell" }, () => {
  test("its block puts Terraform's names and the digest into settings.env, also a second time", () => {
    const [block] = readFileSync(join(guide, "first-query.md"), "utf8").match(/^settings=[\s\S]*?(?=^```)/m) ?? [];
    const folder = mkdtempSync(join(tmpdir(), "isthmus-settings-"));
    const place = join(folder, "infra/k8s/base");
    try {
      mkdirSync(place, { recursive: true });
      copyFileSync(join(root, "infra/k8s/base/settings.env"), join(place, "settings.env"));
      // Neither a cloud nor a registry can be had here.
      const answers = 'case "$*" in *settings*) printf "GCP_PROJECT_ID=mine\\n" ;; *) printf mirror.test ;; esac';
      for (const [name, body] of [
        ["terraform", answers],
        ["crane", "echo sha256:0"],
      ] as const)
        writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      const options = { cwd: folder, env: { PATH: `${folder}:${process.env["PATH"]}` } };
      const run = () => {
        execFileSync("bash", ["-c", `${block}`], options);
        return readFileSync(join(place, "settings.env"), "utf8");
      };
      const first = run();
      assert.match(first, /^GCP_PROJECT_ID=mine\n\n# /);
      assert.match(first, /^WEAVIATE_IMAGE=mirror\.test\/semitechnologies\/weaviate:[\d.]+@sha256:0$/m);
      assert.doesNotMatch(first, /your-project-id/);
      assert.match(first, /^WEAVIATE_TRACING_ENABLED=/m);
      assert.equal(run(), first);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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

  test("turns on what Terraform needs before it can turn on anything", () => {
    const enabled = calls(false, "my-project").find((call) => call.startsWith("services enable")) ?? "";
    for (const service of ["serviceusage", "cloudresourcemanager", "iam", "storage", "cloudkms", "pubsub", "container"])
      assert.ok(enabled.includes(` ${service}.googleapis.com`), service);
  });

  test("makes nothing twice", () => {
    assert.deepEqual(
      // Making an agent that is there prints it.
      calls(true, "my-project").filter((call) => / create /.test(call) && !/^beta services identity/.test(call)),
      [],
    );
  });

  test("a dry run calls nothing", () => assert.deepEqual(calls(false, "my-project", "--dry-run"), []));

  test("without a project it says how it is used", () => {
    assert.throws(() => calls(false), /Usage: infra\/terraform\/bootstrap\.sh/);
  });
});
